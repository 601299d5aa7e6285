/**
 * Opens a model that is in memory for generation: the very graph that is exported, without a file.
 */

import type { LanguageModel } from "@llm-learning/models";
import { openTokenGenerator } from "@llm-learning/onnx/node";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { encodeOnnx } from "../export/encodeOnnx.ts";
import { endOfTextId } from "../export/gpt2Config.ts";
import type { OpenModel } from "./openModelDirectory.ts";
import { padToken } from "./promptTokens.ts";

export interface OpenWeightsOptions {
  readonly tokenizer: Tokenizer;
  /** Name of the graph. */
  readonly kind: string;
  /** Whether every line is a text of its own. */
  readonly lines: boolean;
  /** Optimizer steps behind the weights. */
  readonly step: number;
}

/** Copies the weights as they are now: training may go on meanwhile. One thread, as for the samples of an exported model. */
export async function openWeights(model: LanguageModel, options: OpenWeightsOptions): Promise<OpenModel> {
  const { tokenizer, kind, lines, step } = options;
  const endOfText = endOfTextId(tokenizer, { lines }) ?? undefined;
  const bytes = encodeOnnx(model, { modelType: kind });
  const generator = await openTokenGenerator(bytes, { padId: padToken(tokenizer, endOfText), threads: 1 });
  const stopIds = endOfText === undefined ? [] : [endOfText];
  return { generator, tokenizer, endOfText, stopIds, lines, step };
}
