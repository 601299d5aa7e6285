/**
 * Whether what is to compute is there, asked before anything is read or written.
 */

import { loadTfjsNode } from "@llm-learning/tfjs/node";
import type { TrainConfig } from "../config/trainConfig.ts";
import { UsageError } from "../usageError.ts";

/** @throws UsageError where the engine is TensorFlow's, and its package or library is not installed. */
export async function expectEngine({ engine }: TrainConfig): Promise<void> {
  if (engine !== "tfjs-node") return;
  try {
    await loadTfjsNode();
  } catch (cause) {
    // Without the name of the function, which the command's takes the place of.
    throw new UsageError((cause as Error).message.replace(/^\w+: /, ""), { cause });
  }
}
