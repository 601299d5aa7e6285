/**
 * Weights that are one in the model and twice in some files.
 */

import type { SafetensorsEntry } from "@llm-learning/nn-core";
import { UsageError } from "../usageError.ts";

/**
 * @param embedding - Name of the token embedding's weights.
 * @param output - Name of the output layer's, which need not be there.
 * @throws UsageError where the two differ: then readers do not agree on what the model is.
 */
export function expectTied(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  { embedding, output }: { embedding: string; output: string },
): void {
  const [one, other] = [tensors.get(embedding), tensors.get(output)];
  if (one === undefined || other === undefined) return;
  if (one.dtype === other.dtype && Buffer.compare(one.data, other.data) === 0) return;
  throw new UsageError(
    `expected ${JSON.stringify(output)} equal to ${JSON.stringify(embedding)}, as tie_word_embeddings says, got others: ` +
      "set it to false in config.json if the output layer has weights of its own",
  );
}
