/**
 * The files of a model directory that other programs read besides the weights: how texts are made into tokens, when a text ends, how a
 * conversation is written down, how the model is run; and the card that tells people all of it.
 */

import { isCausalLM } from "@llm-learning/models";
import { tokenizerConfig } from "@llm-learning/tokenizers";
import { genaiConfig } from "./genaiConfig.ts";
import { type CardFacts, modelCard } from "./modelCard.ts";
import { generationConfig } from "./textConventions.ts";

/** The files by path, the tokenizer's first. */
export function* clientFiles(facts: CardFacts): Generator<[path: string, content: string]> {
  const { model, modelType, tokenizer, conventions, onnx } = facts;
  const { blockSize } = model.config;
  const { roles, chatTemplate } = conventions;
  yield ["generation_config.json", json(generationConfig(conventions))];
  yield ["tokenizer.json", json(tokenizer.toJSON())];
  yield [
    "tokenizer_config.json",
    json(tokenizerConfig(tokenizer, { modelMaxLength: blockSize, ...roles, chatTemplate })),
  ];
  // transformers looks here from version 4.52 on, others in the file before.
  if (chatTemplate !== undefined) yield ["chat_template.jinja", chatTemplate];
  if (isCausalLM(model) && onnx !== undefined) {
    yield ["genai_config.json", json(genaiConfig(model, { modelType, tokenizer, conventions, onnx }))];
  }
  yield ["README.md", modelCard(facts)];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
