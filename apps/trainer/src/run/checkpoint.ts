/**
 * Checkpoints: one safetensors file that holds all that decides the future of a run. Weights are the tensors `model.*`, the
 * optimizer's moments `optimizer.firstMoment.*` and `optimizer.secondMoment.*`, or of SGD its directions `optimizer.momentum.*`;
 * the rest is JSON in the metadata, under `trainingState`. Nothing in it depends on the clock, so equal runs write equal bytes.
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
  /** The lowest validation loss so far, and the step of its weights; null before the first evaluation. */
  best: z.strictObject({ step: count, valLoss: z.number() }).nullable(),
  /** The newest validation loss; null before the first evaluation. */
  lastValLoss: z.number().nullable(),
  /** Evaluations in a row, up to the newest, that were each worse than the one before and than the best. */
  risingEvaluations: count,
  /** Present where SGD goes on from here, which may have no tensors to tell of it. */
  optimizer: z.literal("sgd").optional(),
});

/** What a checkpoint knows besides tensors. */
export type TrainingState = z.infer<typeof trainingStateSchema>;

/** What an optimizer remembers, by parameter name: moments where it is AdamW, directions where it is SGD with momentum. */
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
}

const MODEL = "model.";
const FIRST = "optimizer.firstMoment.";
const SECOND = "optimizer.secondMoment.";
const MOMENTUM = "optimizer.momentum.";

/**
 * Writes a checkpoint, replacing the old one as one step.
 *
 * @param weights - They and the optimizer's are written as they are, without a copy: none may change meanwhile.
 * @param optimizer - Left out in a checkpoint that nothing continues from.
 */
export async function writeCheckpoint(
  path: string,
  { state, weights, optimizer }: { state: TrainingState; weights: StateDict; optimizer?: OptimizerState | undefined },
): Promise<void> {
  const tensors: [string, SafetensorsEntry][] = [];
  for (const [name, { shape, data }] of weights) {
    tensors.push([`${MODEL}${name}`, safetensorsEntry(data, shape)]);
    for (const [prefix, values] of [
      [FIRST, optimizer?.firstMoments],
      [SECOND, optimizer?.secondMoments],
      [MOMENTUM, optimizer?.momentumBuffers],
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
  for (const [name, entry] of tensors) {
    if (entry.dtype !== "F32")
      throw new UsageError(`expected F32 tensors, got ${entry.dtype} in ${JSON.stringify(name)}`);
    const data = float32View(entry);
    if (name.startsWith(MODEL)) weights.set(name.slice(MODEL.length), { shape: entry.shape, data });
    else if (name.startsWith(FIRST)) firstMoments.set(name.slice(FIRST.length), data);
    else if (name.startsWith(SECOND)) secondMoments.set(name.slice(SECOND.length), data);
    else if (name.startsWith(MOMENTUM)) momentumBuffers.set(name.slice(MOMENTUM.length), data);
    else throw new UsageError(`expected tensors named model.* or optimizer.*, got ${JSON.stringify(name)}`);
  }
  return { state, weights, optimizer: optimizerOf(state, { firstMoments, secondMoments, momentumBuffers }) };
}

function optimizerOf(
  { step, optimizer }: TrainingState,
  { firstMoments, secondMoments, momentumBuffers }: Required<Omit<OptimizerState, "step">>,
): OptimizerState | undefined {
  if (optimizer === "sgd") return { step, momentumBuffers };
  return firstMoments.size > 0 ? { step, firstMoments, secondMoments } : undefined;
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
