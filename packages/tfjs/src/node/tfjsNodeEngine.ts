/**
 * The engine on `@tensorflow/tfjs-node`, for who has it installed.
 */

import type { Engine } from "@llm-learning/nn-core";
import { tfjsEngine } from "../tfjsEngine.ts";
import { loadTfjsNode } from "./loadTfjsNode.ts";

/**
 * Runs graphs on TensorFlow's kernels. The package is loaded by the first `compile`, which throws an Error that says what to do where it is
 * not installed.
 *
 * @example
 * ```ts
 * const program = await compile(tfjsNodeEngine(), graph);
 * ```
 */
export function tfjsNodeEngine(): Engine {
  return {
    name: "tfjs-node",
    async compile(graph) {
      const tf = await loadTfjsNode();
      await tf.setBackend("tensorflow");
      return tfjsEngine(tf).compile(graph);
    },
  };
}
