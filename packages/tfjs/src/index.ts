/**
 * The engine that runs nn-core's graphs on TensorFlow.js.
 */

export { tfjsEngine } from "./tfjsEngine.ts";
export type { TensorFlow } from "./tensorFlow.ts";
