/**
 * What needs Node.js: ONNX Runtime as an engine and as a session.
 */

export { createOrtSession, type OrtSessionOptions } from "./runtime/ortSession.ts";
export { onnxruntimeEngine } from "./runtime/onnxruntimeEngine.ts";
export { runtimeInfo, type RuntimeInfo, type RuntimeProvider } from "./runtime/runtimeInfo.ts";
export type { Session } from "./runtime/session.ts";
