/**
 * A model as llama.cpp computes it: the architecture, its sizes, and the weights under the names that it has for them.
 *
 * There is one for GPT-2 (`gpt2`) and for the forms of Llama (`llama`, `qwen2`, `qwen3`, `arcee`). What has none is refused: a file of it
 * would load and compute something else.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/src/llama-arch.cpp
 */

import { GPT, type LanguageModel, Llama } from "@llm-learning/models";
import { llamaFormOf } from "../llamaForm.ts";
import type { GgufValue } from "./gguf.ts";
import { gpt2Gguf } from "./gpt2Gguf.ts";
import { llamaGguf } from "./llamaGguf.ts";

/** A weight and its name there. */
export interface GgufWeight {
  readonly name: string;
  /** Its values, row after row: made when they are asked for. */
  values(): Float32Array;
  /** Outermost axis first. */
  readonly shape: readonly number[];
  /** A "linear" layer takes few bits well, a "table" of tokens more; what is "exact" is float32 in every file. */
  readonly role: "linear" | "table" | "exact";
}

export interface GgufModel {
  /** `general.architecture`. */
  readonly architecture: string;
  /** Sizes and choices, by key without the architecture before it. */
  readonly sizes: ReadonlyMap<string, GgufValue>;
  readonly weights: readonly GgufWeight[];
}

/**
 * The model in llama.cpp's form.
 *
 * @param kind - What the model is called in errors.
 * @throws RangeError where llama.cpp has no architecture that computes it.
 */
export function ggufModel(model: LanguageModel, kind: string): GgufModel {
  if (model instanceof GPT) {
    const { activation } = model.config;
    if (activation !== "gelu") refuse(`a GPT with ${activation}, where its gpt2 has gelu`);
    if (model.output?.bias !== undefined) refuse("a GPT with a bias in the output layer, which its gpt2 has not");
    return gpt2Gguf(model);
  }
  if (!(model instanceof Llama)) refuse(`one of kind ${JSON.stringify(kind)}`);
  const form = llamaFormOf(model.config);
  const written = form && llamaGguf(model, form.modelType);
  if (written !== undefined) return written;
  const { mlp, qkNorm, softCap, qkvBias, projectionBias, mlpBias, ropeScaling } = model.config;
  if (softCap !== 0) refuse("a Llama with capped logits");
  const choices = { mlp, qkNorm, qkvBias, projectionBias, mlpBias, ropeScaling: ropeScaling.type };
  const named = Object.entries(choices).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return refuse(`a Llama with ${named.join(", ")} together`);
}

function refuse(got: string): never {
  throw new RangeError(
    `exportModel: expected a model that llama.cpp has an architecture for (GPT-2, Llama, Qwen2, Qwen3 or Arcee), got ${got}; ` +
      "leave gguf out of the formats",
  );
}
