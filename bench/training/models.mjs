// The models whose training is compared: presets of the trainer with a few changes, and the tokens that they learn from.

import { Rng } from "@llm-learning/init";

/** What all have in common: one rate, so that every program is given the same; AdamW behind a clipping of the gradients that acts. */
const training = {
  optimizer: "adamw",
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  learningRate: 1e-3,
  schedule: "constant",
  warmupSteps: 0,
  weightDecay: 0.1,
  gradClip: 1,
};

/** By the name that `--model` takes: changes to a preset, and the size of the vocabulary. */
export const models = {
  "nanogpt-cpu": {
    title: "GPT-2 form, batch 12 x 64, 4 layers of 128, 4 heads, vocabulary 65",
    vocabSize: 65,
    changes: { ...training, preset: "nanogpt-cpu" },
  },
  "gpt-10m": {
    title: "GPT-2 form, batch 8 x 256, 6 layers of 384, 6 heads, vocabulary 65",
    vocabSize: 65,
    changes: { ...training, preset: "shakespeare-char", batchSize: 8, dropout: 0 },
  },
  "llama-30m": {
    title: "Llama form, batch 4 x 256, 8 layers of 512 with 1376 neurons, 8 heads, vocabulary 8192, tied",
    vocabSize: 8192,
    changes: {
      ...training,
      preset: "shakespeare-llama",
      batchSize: 4,
      nLayer: 8,
      nHead: 8,
      nEmbd: 512,
      dropout: 0,
      tieWeights: true,
    },
  },
  mlp: {
    title: "makemore's MLP, batch 32, 3 letters, embeddings of 10, 200 neurons, vocabulary 27",
    vocabSize: 27,
    changes: { ...training, preset: "makemore-mlp" },
  },
};

const LENGTH = 200_000;

/** Tokens of a language in which most have a usual successor, so that there is something to learn; in lines where `lines` is true. */
export function drawnParts({ vocabSize, lines }) {
  const rng = new Rng(7);
  const tokens = new Uint16Array(LENGTH);
  const boundary = 0; // behind every line of 3 to 9 others
  let left = 0;
  for (let index = 0; index < LENGTH; index++) {
    if (lines && left-- === 0) {
      left = 3 + rng.integer(7);
      continue;
    }
    const usual = (tokens[Math.max(0, index - 1)] * 5 + 3) % vocabSize;
    const drawn = rng.uniform() < 0.7 ? usual : rng.integer(vocabSize);
    tokens[index] = lines ? Math.max(1, drawn) : drawn;
  }
  tokens[LENGTH - 1] = boundary;
  const cut = lines ? tokens.lastIndexOf(boundary, LENGTH * 0.9) + 1 : LENGTH * 0.9;
  const source = { train: tokens.subarray(0, cut), validation: tokens.subarray(cut), weight: 1 };
  return { sources: [source], boundary: lines ? boundary : undefined };
}
