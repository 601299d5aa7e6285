/**
 * In which form a model is written for others to read: Hugging Face's where there is one, else a plain one of our own.
 */

import { GPT, type LanguageModel, Llama } from "@llm-learning/models";
import { type SafetensorsEntry, safetensorsEntry, stateDict } from "@llm-learning/nn-core";
import type { ExportOrigin } from "./exportModel.ts";
import { gpt2Config } from "./gpt2Config.ts";
import { gpt2Weights, gpt2WeightsWarning } from "./gpt2Weights.ts";
import { llamaFormOf, llamaHubConfig, llamaNames } from "./llamaForm.ts";

/** What `config.json` needs to know besides the model. */
export interface ConfigContext {
  /** The token that ends a text; null where there is none. */
  readonly endOfText: number | null;
  readonly origin: ExportOrigin;
}

export interface ModelForm {
  /** `model_type` of `config.json`. */
  readonly modelType: string;
  /** The content of `config.json`. */
  config(context: ConfigContext): object;
  /** The content of `model.safetensors`. */
  tensors(): ReadonlyMap<string, SafetensorsEntry>;
  /** What the tensors cannot express, in a sentence; undefined if they hold all of the model. */
  readonly warning?: string | undefined;
}

/**
 * The form of a model.
 *
 * @param kind - What it is called where no other program has a form for it: its `model_type` is `llm-learning-KIND`.
 */
export function modelForm(model: LanguageModel, kind: string): ModelForm {
  if (model instanceof GPT) {
    return {
      modelType: "gpt2",
      config: ({ endOfText, origin }) => gpt2Config(model, endOfText, origin),
      tensors: () => gpt2Weights(model),
      warning: gpt2WeightsWarning(model),
    };
  }
  const form = model instanceof Llama ? llamaFormOf(model.config) : undefined;
  return model instanceof Llama && form !== undefined
    ? {
        modelType: form.modelType,
        config: (context) => llamaHubConfig(model, form, context),
        tensors: () => namedTensors(model, llamaNames(model.config)),
      }
    : plainForm(model, `llm-learning-${kind}`);
}

/** Its own sizes and choices as they are, and weights under their own names. */
function plainForm(model: LanguageModel, modelType: string): ModelForm {
  return {
    modelType,
    config: ({ endOfText, origin }) => ({
      model_type: modelType,
      vocab_size: model.config.vocabSize,
      bos_token_id: endOfText,
      eos_token_id: endOfText,
      use_cache: false,
      torch_dtype: "float32",
      llm_learning: { ...origin, predicts: model.predicts, ...model.config },
    }),
    tensors: () =>
      namedTensors(
        model,
        [...stateDict(model).keys()].map((name) => [name, name]),
      ),
  };
}

function namedTensors(
  model: LanguageModel,
  names: readonly (readonly [ours: string, theirs: string])[],
): Map<string, SafetensorsEntry> {
  const values = stateDict(model);
  return new Map(
    names.map(([ours, theirs]) => {
      const { data, shape } = values.get(ours)!;
      return [theirs, safetensorsEntry(data, shape)];
    }),
  );
}
