/**
 * A model as llama.cpp computes it: the architecture, its sizes, and the weights under the names that it has for them.
 *
 * There is one for GPT-2 (`gpt2`) and for the forms of Llama (`llama`, `qwen3`, `arcee`). What has none is refused: a file of it
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
  const { qkvBias, projectionBias, mlpBias, ropeScaling } = model.config;
  if (qkvBias || projectionBias || mlpBias)
    refuse("a Llama with biases, which this program's GGUF files have no place for yet");
  // Within the context, which the file names, "dynamic" is the same as none.
  if (ropeScaling.type !== "none" && ropeScaling.type !== "dynamic") {
    refuse(`a Llama with ropeScaling ${ropeScaling.type}, which this program's GGUF files have no place for yet`);
  }
  const form = llamaFormOf(model.config);
  if (form !== undefined) return llamaGguf(model, form.modelType);
  const { mlp, qkNorm, softCap } = model.config;
  return refuse(
    softCap === 0 ? `a Llama with mlp ${JSON.stringify(mlp)} and qkNorm ${qkNorm}` : "a Llama with capped logits",
  );
}

function refuse(got: string): never {
  throw new RangeError(
    `exportModel: expected a model that llama.cpp has an architecture for (GPT-2, Llama, Qwen3 or Arcee), got ${got}; ` +
      "leave gguf out of the formats",
  );
}
