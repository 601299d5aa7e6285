import {
  BatchSampler,
  DocumentContexts,
  DocumentRows,
  evenlySpacedExamples,
  everyExample,
  type ExampleSet,
  ExampleSampler,
  TextContexts,
  TextWindows,
} from "@llm-learning/datasets";
import { describe, expect, test } from "vitest";

/** A linear congruential generator whose state is a number. */
function congruential(seed: number): { integer(bound: number): number; state(): number } {
  let state = seed;
  return {
    integer: (bound) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    },
    state: () => state,
  };
}

/** Every example of a set as "inputs -> targets". */
function listed(examples: ExampleSet): string[] {
  return [...everyExample(examples, { batchSize: 1 })].map(
    ({ inputs, targets }) => `${inputs.join(" ")} -> ${targets.join(" ")}`,
  );
}

// "emma", "ab" with e = 3, m = 4, a = 1, b = 2, and 0 for the boundary
const names = new Uint16Array([3, 4, 4, 1, 0, 1, 2, 0]);

describe("examples", () => {
  test("of a text, for models that predict every token", () => {
    expect(listed(new TextWindows(new Uint16Array([5, 6, 7, 8]), 2))).toEqual(["5 6 -> 6 7", "6 7 -> 7 8"]);
  });

  test("of a text, for models that predict the last one alone", () => {
    expect(listed(new TextContexts(new Uint16Array([5, 6, 7, 8]), 2))).toEqual(["5 6 -> 7", "6 7 -> 8"]);
  });

  test("of documents, for models that predict every token", () => {
    expect(listed(new DocumentRows(names, { boundary: 0, blockSize: 6 }))).toEqual([
      "0 3 4 4 1 0 -> 3 4 4 1 0 -1",
      "0 1 2 0 0 0 -> 1 2 0 -1 -1 -1",
    ]);
  });

  test("of documents, for models that predict the last one alone: the lecture's table of emma", () => {
    expect(listed(new DocumentContexts(names, { boundary: 0, blockSize: 3 }))).toEqual([
      "0 0 0 -> 3",
      "0 0 3 -> 4",
      "0 3 4 -> 4",
      "3 4 4 -> 1",
      "4 4 1 -> 0",
      "0 0 0 -> 1",
      "0 0 1 -> 2",
      "0 1 2 -> 0",
    ]);
  });

  test("are refused where there are none, naming what to change", () => {
    expect(() => new TextWindows(new Uint16Array(3), 3)).toThrow(
      "TextWindows: expected at least 4 tokens (blockSize 3 + 1), got 3: use a longer text or a smaller blockSize",
    );
    expect(() => new TextContexts(new Uint16Array(3), 0)).toThrow(
      "TextContexts: expected blockSize to be a positive integer, got 0",
    );
    expect(() => new DocumentRows(names, { boundary: 0, blockSize: 4 })).toThrow(
      "DocumentRows: expected blockSize of at least 5, the longest document's 4 tokens and its end, got 4",
    );
    expect(() => new DocumentContexts(new Uint16Array(), { boundary: 0, blockSize: 3 })).toThrow(
      "DocumentContexts: expected documents, each with the boundary 0 behind it, got no tokens",
    );
    expect(() => new DocumentRows(new Uint16Array([0, 1]), { boundary: 0, blockSize: 4 })).toThrow(
      "DocumentRows: expected documents, each with the boundary 0 behind it, got the last one 1",
    );
  });
});

describe("ExampleSampler", () => {
  test("draws the batches of BatchSampler from a text", () => {
    const tokens = Uint16Array.from({ length: 100 }, (_, index) => index);
    const before = new BatchSampler(tokens, { batchSize: 4, blockSize: 8, rng: congruential(1) });
    const sampler = new ExampleSampler(new TextWindows(tokens, 8), { batchSize: 4, rng: congruential(1) });
    for (let step = 0; step < 3; step++) expect(sampler.next()).toEqual(before.next());
    expect(sampler.state()).toEqual(before.state());
  });

  test("draws every example about as often as any other, and goes on from its state", () => {
    const sampler = new ExampleSampler(new DocumentContexts(names, { boundary: 0, blockSize: 1 }), {
      batchSize: 8000,
      rng: congruential(1),
    });
    const { targets } = sampler.next();
    // Token 4 is the target of 2 of 8 examples: mean 2000, standard deviation sqrt(8000 * 3/16) = 39.
    expect(Math.abs(targets.filter((target) => target === 4).length - 2000)).toBeLessThan(4 * 39);
    const resumed = new ExampleSampler(sampler.examples, { batchSize: 8000, rng: congruential(sampler.state()) });
    expect(resumed.next()).toEqual(sampler.next());
  });

  test("refuses arrays of another length before it draws", () => {
    const sampler = new ExampleSampler(new TextContexts(names, 3), { batchSize: 2, rng: congruential(1) });
    const state = sampler.state();
    expect(() => sampler.next(new Int32Array(6), new Int32Array(6))).toThrow(
      "ExampleSampler.next: expected 6 inputs and 2 targets (batchSize 2 times 3 and 1), got 6 and 6",
    );
    expect(sampler.state()).toEqual(state);
  });
});

describe("batches for evaluation", () => {
  const examples = new TextContexts(
    Uint16Array.from({ length: 12 }, (_, index) => index),
    1,
  );
  const targets = (batches: Iterable<{ targets: Int32Array }>): number[][] =>
    Array.from(batches, (batch) => [...batch.targets]);

  test("hold every example once, the last batch padded", () => {
    const whole = targets(everyExample(examples, { batchSize: 4 }));
    expect(whole).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, -1],
    ]);
  });

  test("are spread evenly, from the first example to the last", () => {
    expect(targets(evenlySpacedExamples(examples, { batchSize: 2, count: 2 }))).toEqual([
      [1, 4],
      [7, 11],
    ]);
    expect(targets(evenlySpacedExamples(examples, { batchSize: 1, count: 1 }))).toEqual([[1]]);
  });

  test("are refused in sizes that are none, at the call", () => {
    expect(() => everyExample(examples, { batchSize: 0 })).toThrow(
      "everyExample: expected batchSize to be a positive integer, got 0",
    );
    expect(() => evenlySpacedExamples(examples, { batchSize: 1, count: 0.5 })).toThrow(
      "evenlySpacedExamples: expected count to be a positive integer, got 0.5",
    );
  });
});
