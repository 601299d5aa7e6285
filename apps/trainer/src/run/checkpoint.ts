/**
 * Checkpoints: one safetensors file that holds all that decides the future of a run. Weights are the tensors `model.*`, the
 * optimizer's moments `optimizer.firstMoment.*` and `optimizer.secondMoment.*`, its directions `optimizer.momentum.*` where it has any,
 * averages of weights `average.*`; the rest is JSON in the metadata, under `trainingState`. Nothing in it depends on the clock, so equal runs write equal bytes.
 */

import { stat } from "node:fs/promises";
import { readWholeFile, writeFileAtomic } from "@llm-learning/datasets/node";
import {
  decodeSafetensors,
  float32View,
  safetensorsEntry,
  type SafetensorsEntry,
  safetensorsPieces,
  type StateDict,
} from "@llm-learning/nn-core";
import { z } from "zod";
import { inFile, UsageError } from "../usageError.ts";

const count = z.int().min(0);
const uint32 = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const trainingStateSchema = z.strictObject({
  version: z.literal(1),
  /** Steps taken. */
  step: count,
  /** Hash of the keys of the configuration that decide the weights. */
  configHash: z.string(),
  /** Hash of the tokens. */
  dataHash: z.string(),
  /** Where the stream that draws batches is. */
  samplerState: z.strictObject({
    algorithm: z.literal("xoshiro128++"),
    key: z.tuple([uint32, uint32]),
    words: z.tuple([uint32, uint32, uint32, uint32]),
  }),
  /** How many examples of each text have been drawn, where they come in a shuffled order. */
  drawn: z
    .array(count.max(2 ** 52))
    .min(1)
    .max(10_000)
    .optional(),
  /** The lowest validation loss so far, and the step of its weights; null before the first evaluation. */
  best: z.strictObject({ step: count, valLoss: z.number() }).nullable(),
  /** The newest validation loss; null before the first evaluation. */
  lastValLoss: z.number().nullable(),
  /** Evaluations in a row, up to the newest, that were each worse than the one before and than the best. */
  risingEvaluations: count,
  /** Present where SGD goes on from here, which may have no tensors to tell of it. */
  optimizer: z.literal("sgd").optional(),
  /** Steps in the averages of weights; absent where there are none. */
  averaged: count.min(1).optional(),
});

/** What a checkpoint knows besides tensors. */
export type TrainingState = z.infer<typeof trainingStateSchema>;

/** What an optimizer remembers, by parameter name: moments of Adam and AdamW, directions of the others; Muon has both. */
export interface OptimizerState {
  /** Steps taken. */
  readonly step: number;
  readonly firstMoments?: ReadonlyMap<string, Float32Array>;
  readonly secondMoments?: ReadonlyMap<string, Float32Array>;
  readonly momentumBuffers?: ReadonlyMap<string, Float32Array>;
}

/** A checkpoint that was read and checked; arrays may be views of the file's bytes. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly weights: StateDict;
  /** Undefined in `best.safetensors`, which nothing continues from. */
  readonly optimizer: OptimizerState | undefined;
  /** Averages of weights; none where the run has none, and in `best.safetensors`, whose weights they are. */
  readonly averages: ReadonlyMap<string, Float32Array>;
}

const MODEL = "model.";
const FIRST = "optimizer.firstMoment.";
const SECOND = "optimizer.secondMoment.";
const MOMENTUM = "optimizer.momentum.";
const AVERAGE = "average.";

/** What is written of a run. */
interface CheckpointContent extends Pick<Checkpoint, "state" | "weights"> {
  /** Left out in a checkpoint that nothing continues from. */
  readonly optimizer?: OptimizerState | undefined;
  readonly averages?: ReadonlyMap<string, Float32Array> | undefined;
}

/**
 * Writes a checkpoint, replacing the old one as one step.
 *
 * @param content - Arrays are written as they are, without a copy: none may change meanwhile.
 */
export async function writeCheckpoint(
  path: string,
  { state, weights, optimizer, averages }: CheckpointContent,
): Promise<void> {
  const tensors: [string, SafetensorsEntry][] = [];
  for (const [name, { shape, data }] of weights) {
    tensors.push([`${MODEL}${name}`, safetensorsEntry(data, shape)]);
    for (const [prefix, values] of [
      [FIRST, optimizer?.firstMoments],
      [SECOND, optimizer?.secondMoments],
      [MOMENTUM, optimizer?.momentumBuffers],
      [AVERAGE, averages],
    ] as const) {
      const value = values?.get(name);
      if (value !== undefined) tensors.push([`${prefix}${name}`, safetensorsEntry(value, shape)]);
    }
  }
  await writeFileAtomic(path, safetensorsPieces(tensors, { trainingState: JSON.stringify(state) }));
}

/**
 * Reads a checkpoint, trusting nothing in it.
 *
 * @returns undefined where there is no such file.
 * @throws UsageError where the file is damaged.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = await readWholeFile(path);
  } catch (cause) {
    throw new UsageError(`expected a readable ${JSON.stringify(path)}, got ${(cause as Error).message}`, { cause });
  }
  return inFile(path, () => decodeCheckpoint(bytes));
}

function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const state = decodeState(Object.hasOwn(metadata, "trainingState") ? metadata.trainingState : undefined);
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  const firstMoments = new Map<string, Float32Array>();
  const secondMoments = new Map<string, Float32Array>();
  const momentumBuffers = new Map<string, Float32Array>();
  const averages = new Map<string, Float32Array>();
  for (const [name, entry] of tensors) {
    if (entry.dtype !== "F32")
      throw new UsageError(`expected F32 tensors, got ${entry.dtype} in ${JSON.stringify(name)}`);
    const data = float32View(entry);
    if (name.startsWith(MODEL)) weights.set(name.slice(MODEL.length), { shape: entry.shape, data });
    else if (name.startsWith(FIRST)) firstMoments.set(name.slice(FIRST.length), data);
    else if (name.startsWith(SECOND)) secondMoments.set(name.slice(SECOND.length), data);
    else if (name.startsWith(MOMENTUM)) momentumBuffers.set(name.slice(MOMENTUM.length), data);
    else if (name.startsWith(AVERAGE)) averages.set(name.slice(AVERAGE.length), data);
    else throw new UsageError(`expected tensors named model.*, optimizer.* or average.*, got ${JSON.stringify(name)}`);
  }
  if ((state.averaged === undefined) !== (averages.size === 0)) {
    throw new UsageError(
      "expected averages of weights and the number of steps in them, or neither, got one of the two",
    );
  }
  return { state, weights, optimizer: optimizerOf(state, { firstMoments, secondMoments, momentumBuffers }), averages };
}

function optimizerOf(
  { step, optimizer }: TrainingState,
  { firstMoments, secondMoments, momentumBuffers }: Required<Omit<OptimizerState, "step">>,
): OptimizerState | undefined {
  if (optimizer === "sgd") return { step, momentumBuffers };
  if (firstMoments.size + momentumBuffers.size === 0) return undefined;
  return {
    step,
    ...(firstMoments.size > 0 && { firstMoments, secondMoments }),
    ...(momentumBuffers.size > 0 && { momentumBuffers }),
  };
}

function decodeState(text: string | undefined): TrainingState {
  if (text === undefined) throw new UsageError("expected trainingState in a checkpoint's metadata, got none");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UsageError("expected trainingState in JSON, got something else", { cause });
  }
  const result = trainingStateSchema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  throw new UsageError(`expected a valid trainingState, got ${["trainingState", ...path].join(".")}: ${message}`);
}
