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
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
