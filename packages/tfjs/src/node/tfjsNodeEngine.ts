/**
 * The engine on `@tensorflow/tfjs-node`, for who has it installed.
 */

import type { Engine } from "@llm-learning/nn-core";
import { tfjsEngine } from "../tfjsEngine.ts";
import { loadTfjsNode } from "./loadTfjsNode.ts";

/**
 * Runs graphs on TensorFlow's kernels.
 *
 * @throws Error that says what to do where `@tensorflow/tfjs-node` is not installed.
 *
 * @example
 * ```ts
 * const program = await compile(await tfjsNodeEngine(), graph);
 * ```
 */
export async function tfjsNodeEngine(): Promise<Engine> {
  const tf = await loadTfjsNode();
  await tf.setBackend("tensorflow");
  return { ...tfjsEngine(tf), name: "tfjs-node" };
}
