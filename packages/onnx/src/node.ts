/**
 * What needs Node.js: ONNX Runtime as an engine, as a session, and to generate with.
 */

export {
  openGenerator,
  type OpenGeneratorOptions,
  openTokenGenerator,
  type OpenTokenGeneratorOptions,
} from "./runtime/openGenerator.ts";
export { createOrtSession, type OrtSessionOptions } from "./runtime/ortSession.ts";
export { onnxruntimeEngine } from "./runtime/onnxruntimeEngine.ts";
export { readOnnxModel } from "./runtime/readOnnxModel.ts";
export { runtimeInfo, type RuntimeInfo, type RuntimeProvider } from "./runtime/runtimeInfo.ts";
export type { Session } from "./runtime/session.ts";
