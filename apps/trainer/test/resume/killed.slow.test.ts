/**
 * Whatever interrupts a training, and whenever: once it has been resumed to its end, every file of the run is what it would be
 * without. 25 times SIGKILL for the first configuration, fewer for the others.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import type { TrainConfig } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isBuilt, runCli } from "../builtCli.ts";
import { timelessMetrics, type TinyFolder, tinyFolder, tinyText } from "../tinyRun.ts";
import { configFlags, type Moment, temporaryFiles, timelessFiles, trainInterrupted } from "./interruptedRun.ts";

const maxSteps = 200;

const common = {
  maxSteps,
  evalInterval: 10,
  evalBatches: 2,
  logInterval: 1,
  checkpointInterval: 3,
  watchInterval: 7,
  sampleInterval: 25,
  sampleCount: 2,
  sampleTokens: 40,
  threads: 1,
} as const satisfies Partial<TrainConfig>;

/** Large enough for a checkpoint to take some milliseconds. */
const gpt = {
  ...common,
  nLayer: 2,
  nHead: 4,
  nEmbd: 128,
  blockSize: 32,
  batchSize: 4,
  dropout: 0.2,
} as const satisfies Partial<TrainConfig>;

interface Case {
  readonly name: string;
  readonly config: Partial<TrainConfig>;
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
  readonly signals?: readonly NodeJS.Signals[];
}

const seven = { start: 1, step: 2, write: 3, export: 1 } as const;

const cases: readonly Case[] = [
  {
    name: "GPT with dropout and AdamW, killed 25 times",
    config: gpt,
    moments: { start: 4, step: 8, write: 10, export: 2, samples: 1 },
  },
  {
    name: "the same, interrupted by SIGINT and SIGTERM",
    config: gpt,
    moments: { start: 2, step: 4, write: 2, export: 1, samples: 1 },
    signals: ["SIGINT", "SIGTERM"],
  },
  {
    name: "Llama with dropout and SGD with momentum",
    config: { ...gpt, model: "llama", nKeyValueHead: 2, optimizer: "sgd", momentum: 0.9, learningRate: 0.05 },
    moments: seven,
  },
  {
    name: "Muon with an exponential average",
    config: { ...gpt, optimizer: "muon", learningRate: 0.01, averaging: "ema", schedule: "wsd" },
    moments: seven,
  },
  {
    name: "Llama with Lion and the mean of its last weights",
    config: { ...gpt, model: "llama", optimizer: "lion", learningRate: 1e-3, averaging: "tail", averageFraction: 0.5 },
    moments: seven,
  },
  {
    name: "GPT by batches that are added up, with blocks computed again",
    config: { ...gpt, gradientAccumulation: 2, activationCheckpointing: true },
    moments: seven,
  },
  {
    name: "WaveNet with the running statistics of BatchNorm and SGD, on lines",
    config: { ...common, preset: "makemore-wavenet", data: "names", watchInterval: 40, sampleTokens: 10 },
    moments: seven,
  },
  {
    name: "GPT on files of tokens, on which it goes on where it was",
    config: { ...gpt, tokenizer: "byte", data: "TOKENS" },
    moments: seven,
  },
];

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
  mkdirSync(tiny.path("TOKENS"));
  for (const name of ["train.bin", "val.bin"]) {
    const tokens = Uint16Array.from(new TextEncoder().encode(tinyText));
    writeFileSync(tiny.path("TOKENS", name), new Uint8Array(tokens.buffer));
  }
});
afterAll(() => tiny.remove());

describe.skipIf(!isBuilt)("a run ends with the files of one that was never interrupted:", () => {
  it.each(cases)("$name", async ({ name, config, moments, signals }) => {
    const { folder } = tiny;
    const given = { data: tiny.data, ...config };
    const [whole, out] = [`whole ${name}`, `killed ${name}`];
    const { status, stderr } = await runCli(folder, ["train", "--out", whole, ...configFlags(given)]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });

    const killed = { folder, config: given, out, seed: 1, moments, ...(signals && { signals }) };
    const { sessions, unfinishedWrites } = await trainInterrupted(killed);
    console.log([name, ...sessions, `${unfinishedWrites} while a file was written`].join("\n"));

    expect(sessions.at(-1)).toBe("to the end: 0");
    if (signals === undefined) {
      expect(sessions.slice(0, -1).every((ended) => ended.includes("SIGKILL"))).toBe(true);
      // The moments were the right ones: files were being written.
      expect(unfinishedWrites).toBeGreaterThan(0);
    }
    expect(temporaryFiles(tiny.path(out))).toEqual([]);
    expect(timelessFiles(tiny.path(out))).toEqual(timelessFiles(tiny.path(whole)));
    expect(timelessMetrics(tiny.path(out)).map(({ step }) => step)).toEqual(
      Array.from({ length: maxSteps + 1 }, (_, step) => step),
    );
  });
});
