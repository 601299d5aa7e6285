/**
 * Sequences that come, go, wait and are cut short in any order: whatever happens in the other slots, each has the scores that it has alone.
 */

import { Rng } from "@llm-learning/init";
import { encodeModel, quantizeModel } from "@llm-learning/onnx";
import { openSlotRuntime, type SavedTokens, type SlotRuntime } from "@llm-learning/onnx/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sizes, tinyLlama } from "./tinyLlama.ts";

const { V, blockSize } = sizes;
const SLOTS = 7;

/** What a slot holds: tokens that were read, then those of steps. */
interface Held {
  readonly read: number[];
  readonly stepped: number[];
}

const runtimes: SlotRuntime[] = [];
beforeAll(async () => {
  const bytes = encodeModel(quantizeModel(tinyLlama(), { bits: 4 }));
  for (const slots of [SLOTS, 1]) runtimes.push(await openSlotRuntime(bytes, { slots, threads: 1 }));
});
afterAll(() => Promise.all(runtimes.map((runtime) => runtime.dispose())));

/** The last scores of a sequence that has a runtime for itself. */
async function alone({ read, stepped }: Held): Promise<Float32Array> {
  const [, runtime] = runtimes;
  let logits = (await runtime.read(0, read)).slice();
  for (const token of stepped) logits = (await runtime.step([{ slot: 0, token }]))[0].slice();
  runtime.truncate(0, 0);
  return logits;
}

it.each([1, 2])("gives each sequence its own scores, whatever the others do (seed %i)", async (seed) => {
  const [runtime] = runtimes;
  const rng = new Rng(seed);
  const below = (count: number): number => Math.floor(rng.uniform() * count);
  const drawn = (count: number): number[] => Array.from({ length: count }, () => below(V));
  const held = Array.from({ length: SLOTS }, (): Held => ({ read: [], stepped: [] }));
  const lengthOf = ({ read, stepped }: Held): number => read.length + stepped.length;
  const saved: { tokens: number[]; parts: SavedTokens }[] = [];
  for (let turn = 0; turn < 80; turn++) {
    const slot = below(SLOTS);
    const own = held[slot];
    const kind = below(10);
    if (kind < 3 && own.stepped.length === 0 && own.read.length < blockSize) {
      const tokens = drawn(1 + below(Math.min(9, blockSize - own.read.length)));
      own.read.push(...tokens);
      expect((await runtime.read(slot, tokens)).slice()).toEqual(await alone(own));
    } else if (kind === 3) {
      const length = below(2) * below(lengthOf(own) + 1);
      runtime.truncate(slot, length);
      own.stepped.splice(Math.max(0, length - own.read.length));
      own.read.splice(length);
    } else if (kind === 4 && own.read.length > 0) {
      const length = 1 + below(own.read.length);
      saved.push({ tokens: own.read.slice(0, length), parts: runtime.save(slot, 0, length) });
    } else if (kind === 5 && saved.length > 0) {
      const { tokens, parts } = saved[below(saved.length)];
      runtime.truncate(slot, 0);
      runtime.restore(slot, parts);
      held[slot] = { read: [...tokens], stepped: [] };
    } else {
      const live = [...held.keys()].filter(
        (index) => lengthOf(held[index]) > 0 && lengthOf(held[index]) < blockSize && below(3) > 0,
      );
      const entries = live.map((index) => ({ slot: index, token: below(V) }));
      for (const { slot: index, token } of entries) held[index].stepped.push(token);
      const logits = (await runtime.step(entries)).map((row) => row.slice());
      for (const [at, index] of live.entries()) expect(logits[at]).toEqual(await alone(held[index]));
    }
    expect(held.map((_, index) => runtime.lengthOf(index))).toEqual(held.map(lengthOf));
  }
  for (const index of held.keys()) runtime.truncate(index, 0);
});

it("runs beside a long sequence that waits, and then in its place, which is worth it later only", async () => {
  const bytes = encodeModel(quantizeModel(tinyLlama({ blockSize: 400 }), { bits: 4 }));
  const runtime = await openSlotRuntime(bytes, { slots: 2, threads: 1 });
  const long = Array.from({ length: 390 }, (_, index) => (index * 5) % V);
  const steps = async (slot: number): Promise<Float32Array[]> => {
    await runtime.read(slot, [1, 2, 3]);
    const scores: Float32Array[] = [];
    for (let token = 0; token < 6; token++) scores.push((await runtime.step([{ slot, token }]))[0].slice());
    return scores;
  };
  const expected = await steps(0);
  runtime.truncate(0, 0);
  await runtime.read(0, long.slice(0, 388), { scores: "none" });
  expect(await steps(1)).toEqual(expected);
  const behind = (await runtime.read(0, long.slice(388))).slice();
  runtime.truncate(1, 0);
  expect(behind).toEqual((await runtime.read(1, long)).slice());
  await runtime.dispose();
});
