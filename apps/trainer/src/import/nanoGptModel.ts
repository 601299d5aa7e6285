/**
 * A model directory in nanoGPT's names, as `export --format nanogpt` writes it and its save.py makes of a checkpoint, as what a
 * configuration and a model of ours take from it.
 *
 * @see https://github.com/karpathy/nanoGPT
 */

import type { StateDict } from "@llm-learning/nn-core";
import { z } from "zod";
import { nanoGptNames } from "../export/nanogpt/nanoGptTensors.ts";
import { expectOurChoices, parseHubConfig } from "./hubConfig.ts";
import type { ImportedModel } from "./importedModel.ts";
import { namedStateDict } from "./namedStateDict.ts";

const size = z.int().min(1).max(1_000_000);

/** nanoGPT's `model_args`. */
const configSchema = z.object({
  n_layer: size,
  n_head: size,
  n_embd: size,
  block_size: size,
  bias: z.boolean(),
  vocab_size: size,
});

/** Reads the `config.json`. @throws UsageError where it is none of a nanoGPT. */
export function nanoGptModel(json: unknown): ImportedModel {
  const given = parseHubConfig(configSchema, json, "nanoGPT");
  expectOurChoices("nanoGPT", [
    [given.n_embd % given.n_head === 0, `n_head that divides n_embd ${given.n_embd}`, given.n_head],
  ]);
  const config = {
    model: "gpt",
    blockSize: given.block_size,
    nLayer: given.n_layer,
    nHead: given.n_head,
    nEmbd: given.n_embd,
    bias: given.bias,
    qkvBias: true,
    outputBias: false,
    tieWeights: true,
    activation: "exact-gelu",
  } as const;
  return {
    config,
    vocabSize: given.vocab_size,
    weights: ({ tensors }, blockSize): StateDict => {
      const weights = namedStateDict(tensors, nanoGptNames(config), "nanoGPT");
      const { shape, data } = weights.get("positionEmbedding.weight")!;
      if (shape.length === 2 && shape[0] > blockSize) {
        const first = data.subarray(0, blockSize * shape[1]);
        weights.set("positionEmbedding.weight", { shape: [blockSize, shape[1]], data: first });
      }
      return weights;
    },
  };
}
