/**
 * What needs Node.js: ONNX Runtime as an engine, as a session, and to generate with.
 */

export {
  openGenerator,
  type OpenGeneratorOptions,
  openTokenGenerator,
  type OpenTokenGeneratorOptions,
} from "./runtime/openGenerator.ts";
export { openSlotRuntime, type OpenSlotRuntimeOptions } from "./runtime/openSlotRuntime.ts";
export { createOrtSession } from "./runtime/ortSession.ts";
export type { OrtSessionOptions } from "./runtime/ortSettings.ts";
export { onnxruntimeEngine } from "./runtime/onnxruntimeEngine.ts";
export { type Binding, type BindingChoice, openSession, type OpenSessionOptions } from "./runtime/openSession.ts";
export { readOnnxModel } from "./runtime/readOnnxModel.ts";
export { runtimeInfo, type RuntimeInfo, type RuntimeProvider } from "./runtime/runtimeInfo.ts";
export type { Session, SessionRunOptions } from "./runtime/session.ts";
export type {
  HiddenStates,
  HiddenStatesOptions,
  ReadOptions,
  SavedTokens,
  Scores,
  SlotRuntime,
  StepEntry,
} from "./slots/slotRuntime.ts";
