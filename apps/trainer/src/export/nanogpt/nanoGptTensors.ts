/**
 * The tensors of a GPT under nanoGPT's names, which are GPT-2's. Its linear layers are PyTorch's, stored `[out, in]` as ours are: nothing
 * is transposed. The output layer is the embedding, written once.
 */

import { type SafetensorsEntry, safetensorsEntry, type StateDict } from "@llm-learning/nn-core";
import type { OptimizerState } from "../../run/checkpoint.ts";
import { gpt2Layers } from "../gpt2Names.ts";

/** Our names and theirs, of a model of `nLayer` blocks with biases or without. */
export function nanoGptNames({
  nLayer,
  bias,
}: {
  nLayer: number;
  bias: boolean;
}): readonly (readonly [ours: string, theirs: string])[] {
  return gpt2Layers({ nLayer, tieWeights: true }).flatMap(({ ours, theirs, kind }) => {
    const parts = bias && kind !== "table" ? ["weight", "bias"] : ["weight"];
    return parts.map((part) => [`${ours}.${part}`, `${theirs}.${part}`] as const);
  });
}

/** The content of `model.safetensors`. */
export function nanoGptWeights(
  weights: StateDict,
  names: ReturnType<typeof nanoGptNames>,
): Map<string, SafetensorsEntry> {
  return new Map(
    names.map(([ours, theirs]) => {
      const { data, shape } = weights.get(ours)!;
      return [theirs, safetensorsEntry(data, shape)];
    }),
  );
}

/** The content of `optimizer.safetensors`: AdamW's moments under PyTorch's names before those of the weights. */
export function nanoGptMoments(
  weights: StateDict,
  { firstMoments, secondMoments }: Required<Pick<OptimizerState, "firstMoments" | "secondMoments">>,
  names: ReturnType<typeof nanoGptNames>,
): [name: string, entry: SafetensorsEntry][] {
  const moments = { exp_avg: firstMoments, exp_avg_sq: secondMoments };
  return Object.entries(moments).flatMap(([kind, values]) =>
    names.map(([ours, theirs]): [string, SafetensorsEntry] => [
      `${kind}.${theirs}`,
      safetensorsEntry(values.get(ours)!, weights.get(ours)!.shape),
    ]),
  );
}
