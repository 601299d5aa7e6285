/**
 * Trying out a model before it is relied on: whether the one for rows of different lengths gives what the original gives, and how many
 * rows a step needs for its bits not to depend on their number.
 */

import { type BatchedSlots, MAX_LEAST_ROWS } from "./batchedSlots.ts";
import type { SlotRuntime } from "./slotRuntime.ts";

/** Scores of a short text that is read, and of a step behind it. */
export interface TrialScores {
  readonly read: Float32Array;
  readonly stepped: Float32Array;
}

/**
 * The kernels are the same, but a bias of zeros may take another way through them, and round otherwise; a model that rounds to 8
 * bits between its layers makes a percent of it.
 */
const TOLERANCE = 0.02;

/** What is read, and what a neighbour reads: short, of other lengths, different tokens. */
function trialTokens({ vocabSize, blockSize }: SlotRuntime): { own: number[]; other: number[] } {
  const token = (index: number): number => (index * 7919 + 1) % vocabSize;
  const own = Array.from({ length: Math.min(6, blockSize - 1) }, (_, index) => token(index));
  return { own, other: Array.from({ length: Math.min(11, blockSize - 1) }, (_, index) => token(index + 100)) };
}

/** What a runtime gives for the text of the trial, alone in slot 0. */
export async function trialScores(runtime: SlotRuntime): Promise<TrialScores> {
  const { own } = trialTokens(runtime);
  const read = (await runtime.read(0, own, { scores: "all" })).slice();
  const [stepped] = await runtime.step([{ slot: 0, token: own[0] }]);
  const scores = { read, stepped: stepped.slice() };
  runtime.truncate(0, 0);
  return scores;
}

/**
 * Why a model for rows of different lengths is not to be used; undefined where it is, and its `leastRows` set.
 *
 * @param expected - What the original gives.
 */
export async function faultOf(runtime: BatchedSlots, expected: TrialScores): Promise<string | undefined> {
  const actual = await trialScores(runtime);
  for (const name of ["read", "stepped"] as const) {
    if (!isNear(actual[name], expected[name])) return "its scores change when rows may have different lengths";
  }
  const { own, other } = trialTokens(runtime);
  await runtime.read(0, own, { scores: "none" });
  if (runtime.slots > 1) await runtime.read(1, other, { scores: "none" });
  const steps: Float32Array[] = [];
  for (let rows = 1; rows <= MAX_LEAST_ROWS; rows++) {
    runtime.leastRows = rows;
    const isPair = rows > 1 && runtime.slots > 1;
    const entries = [{ slot: 0, token: own[0] }, ...(isPair ? [{ slot: 1, token: other[0] }] : [])];
    steps.push((await runtime.step(entries))[0].slice());
    for (const { slot } of entries) runtime.truncate(slot, runtime.lengthOf(slot) - 1);
  }
  for (let slot = 0; slot < Math.min(2, runtime.slots); slot++) runtime.truncate(slot, 0);
  const reference = steps[MAX_LEAST_ROWS - 1];
  if (!isNear(reference, expected.stepped)) return "its scores change beside those of another row";
  const different = steps.findLastIndex((scores) => !areSameBits(scores, reference));
  if (different >= MAX_LEAST_ROWS - 2) return "its scores are other bits in batches of other sizes";
  runtime.leastRows = different + 2;
  return undefined;
}

function isNear(actual: Float32Array, expected: Float32Array): boolean {
  if (actual.length !== expected.length) return false;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.every((value, index) => Math.abs(value - expected[index]) <= TOLERANCE * largest);
}

function areSameBits(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, index) => Object.is(value, b[index]));
}
