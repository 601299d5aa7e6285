/**
 * Rotary positions as llama.cpp is told of them: the base, and how they are stretched. "linear" and "yarn" are choices of its own, with
 * YaRN's usual bounds; for "llama3" it divides each frequency by a factor that is a tensor of the file, which its `llama` and `arcee`
 * alone look for. "dynamic" is the same as none within the context, which the file names.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/src/llama-context.cpp
 */

import { type LlamaConfig, scaledRotary } from "@llm-learning/models";
import type { GgufValue } from "./gguf.ts";
import type { GgufWeight } from "./ggufModel.ts";

export interface RopeGguf {
  readonly sizes: readonly (readonly [key: string, value: GgufValue])[];
  readonly weights: readonly GgufWeight[];
}

/** The rotary positions of a model; undefined where llama.cpp has no way to stretch them so. */
export function ropeGguf(
  { headDim, ropeTheta, ropeScaling: scaling }: LlamaConfig,
  architecture: string,
): RopeGguf | undefined {
  const sizes: (readonly [string, GgufValue])[] = [
    ["rope.dimension_count", { type: "uint32", value: headDim }],
    ["rope.freq_base", { type: "float32", value: ropeTheta }],
  ];
  switch (scaling.type) {
    case "none":
    case "dynamic":
      return { sizes, weights: [] };
    case "linear":
      return { sizes: [...sizes, ...stretched("linear", scaling.factor)], weights: [] };
    case "yarn": {
      const { factor, originalLength, betaFast = 32, betaSlow = 1, truncate = true } = scaling;
      if (betaFast !== 32 || betaSlow !== 1 || !truncate) return undefined;
      const usual = 0.1 * Math.log(factor) + 1;
      const yarn: (readonly [string, GgufValue])[] = [
        ["rope.scaling.original_context_length", { type: "uint32", value: originalLength }],
        ["rope.scaling.attn_factor", { type: "float32", value: (scaling.attentionFactor ?? usual) / usual }],
      ];
      return { sizes: [...sizes, ...stretched("yarn", factor), ...yarn], weights: [] };
    }
    case "llama3": {
      if (architecture !== "llama" && architecture !== "arcee") return undefined;
      const plain = scaledRotary(headDim, ropeTheta, { type: "none" }).frequencies;
      const { frequencies } = scaledRotary(headDim, ropeTheta, scaling);
      const values = (): Float32Array => Float32Array.from(plain, (frequency, i) => frequency / frequencies[i]);
      return { sizes, weights: [{ name: "rope_freqs.weight", values, shape: [headDim / 2], role: "exact" }] };
    }
  }
}

function stretched(type: string, factor: number): (readonly [string, GgufValue])[] {
  return [
    ["rope.scaling.type", { type: "string", value: type }],
    ["rope.scaling.factor", { type: "float32", value: factor }],
  ];
}
