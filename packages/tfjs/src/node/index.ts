/**
 * TensorFlow's own kernels on Node: the engine on `@tensorflow/tfjs-node`.
 */

export { loadTfjsNode } from "./loadTfjsNode.ts";
export { tfjsNodeEngine } from "./tfjsNodeEngine.ts";
