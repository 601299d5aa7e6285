/**
 * Small GPTs whose logits, loss and gradients PyTorch computed (fixtures/generate.py).
 */

import { readFileSync } from "node:fs";
import { GPT, type GPTOptions } from "@llm-learning/models";
import { type Feeds, grad, type Graph, loadStateDict, namedParameters, trace } from "@llm-learning/nn-core";
import { Rng } from "@llm-learning/init";

export interface GPTCase {
  name: string;
  config: GPTOptions;
  /** Batch and length. */
  shape: [number, number];
  inputIds: number[];
  targets: number[];
  weights: Record<string, { shape: number[]; data: number[] }>;
  logits: number[];
  loss: number;
  gradients: Record<string, number[]>;
}

const path = new URL("fixtures/gpt.json", import.meta.url);

export const gptCases: readonly GPTCase[] = JSON.parse(readFileSync(path, "utf8")).cases;

/** The model of a case, with its weights. */
export function gptOf({ config, weights }: GPTCase): GPT {
  const model = new GPT(config, { rng: new Rng(0) });
  const values = Object.entries(weights).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  loadStateDict(model, new Map(values));
  return model;
}

/** Logits, loss, and the gradient of each parameter under the parameter's name. */
export function trainingGraph(model: GPT, { shape }: GPTCase): Graph {
  const parameters = [...namedParameters(model)];
  return trace({ inputIds: { shape, dtype: "int32" }, targets: { shape, dtype: "int32" } }, ({ inputIds, targets }) => {
    const loss = model.loss(inputIds, targets);
    const gradients = grad(
      loss,
      parameters.map(([, parameter]) => parameter),
    );
    const named = parameters.map(([name], index) => [name, gradients[index]]);
    return { logits: model.forward(inputIds).logits, loss, ...Object.fromEntries(named) };
  });
}

export function feedsOf({ inputIds, targets }: GPTCase): Feeds {
  return { inputIds: Int32Array.from(inputIds), targets: Int32Array.from(targets) };
}

/** What PyTorch computed, by the names of `trainingGraph`'s outputs. */
export function expectedOf({ logits, loss, gradients }: GPTCase): [name: string, values: number[]][] {
  return [["logits", logits], ["loss", [loss]], ...Object.entries(gradients)];
}

export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
