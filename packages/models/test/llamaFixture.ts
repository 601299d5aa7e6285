/**
 * Small decoders of the Llama family whose logits, loss and gradients Hugging Face's classes computed (fixtures/generateLlama.py).
 */

import { readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { Llama, type LlamaOptions } from "@llm-learning/models";
import { loadStateDict } from "@llm-learning/nn-core";

export interface LlamaCase {
  config: LlamaOptions;
  /** Rows of ids. */
  inputIds: number[][];
  targets: number[][];
  weights: Record<string, { shape: number[]; data: number[] }>;
  logits: number[];
  loss: number;
  gradients: Record<string, number[]>;
}

const path = new URL("fixtures/llama.json", import.meta.url);

export const llamaCases: Readonly<Record<string, LlamaCase>> = JSON.parse(readFileSync(path, "utf8")).cases;

/** The model of a case, with its weights. */
export function llamaOf({ config, weights }: LlamaCase): Llama {
  const model = new Llama(config, { rng: new Rng(0) });
  const values = Object.entries(weights).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  loadStateDict(model, new Map(values));
  return model;
}
