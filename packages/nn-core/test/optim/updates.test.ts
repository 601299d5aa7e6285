import { Rng } from "@llm-learning/init";
import { AdamW, Parameter } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import { plainUpdates } from "../../src/optim/plainUpdates.ts";
import { bytesInMemory, SimdPasses } from "../../src/optim/simd/simdPasses.ts";
import type { Updates } from "../../src/optim/updates.ts";

/** Each pass on arrays 0 to 3, with constants as large as they are in training. */
const calls: Record<keyof Updates, (updates: Updates, arrays: readonly Float32Array[]) => void> = {
  adam: (updates, [weight, gradient, firstMoment, secondMoment]) =>
    updates.adam(
      { weight, gradient, firstMoment, secondMoment },
      { scale: 0.7, coupled: 0.3, gain1: 0.1, gain2: 0.001, rate: 3e-3, correction: 1.7, eps: 1e-8, decay: 1e-4 },
    ),
  descend: (updates, [weight, gradient]) => updates.descend(weight, gradient, { scale: 0.7, coupled: 0.3, rate: 0.1 }),
  descendWithMomentum: (updates, [weight, gradient, buffer]) =>
    updates.descendWithMomentum(
      { weight, gradient, buffer },
      { scale: 0.7, coupled: 0.3, rate: 0.1, momentum: 0.9, ahead: 1, share: 0.9 },
    ),
  lion: (updates, [weight, gradient, buffer]) =>
    updates.lion({ weight, gradient, buffer }, { scale: 0.7, gain1: 0.1, gain2: 0.01, rate: 1e-3, decay: 1e-4 }),
  direct: (updates, [gradient, buffer, direction]) =>
    updates.direct({ gradient, buffer, direction }, { scale: 0.7, gain: 0.05, ahead: 0.05 }),
  move: (updates, [weight, direction]) => updates.move(weight, direction, { rate: 0.02, decay: 1e-4 }),
  approach: (updates, [average, weight]) => updates.approach(average, weight, 0.001),
};

/** Values of many sizes, zeros of both signs and the smallest numbers among them; the fourth array has none below 0. */
function values(length: number): Float32Array[] {
  const rng = new Rng(length);
  const special = [0, -0, 1e-45, -1e-40, 1.5e-38, 3e38, 1];
  return Array.from({ length: 4 }, (_, which) =>
    Float32Array.from({ length }, (_, i) => {
      const value = rng.uniform() < 0.1 ? special[i % special.length] : rng.normal() * 10 ** (8 * rng.uniform() - 6);
      return which === 3 ? Math.abs(value) : value;
    }),
  );
}

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

describe.each(Object.entries(calls))("%s in WebAssembly", (_, call) => {
  // Fewer than four, one piece and its neighbours, several pieces with a rest.
  it.each([1, 3, 4, 5, 4095, 4096, 4097, 13_001])(
    "gives the bits of the plain loop for %i elements, wherever they are",
    (length) => {
      const expected = values(length);
      call(plainUpdates, expected);
      // All arrays in the memory, none, and every second.
      for (const isInside of [() => true, () => false, (index: number) => index % 2 === 0]) {
        const passes = SimdPasses.create(8 * bytesInMemory(length) + 4096)!;
        const arrays = values(length).map((array, index) => {
          if (!isInside(index)) return array;
          const inside = passes.allocate(length);
          inside.set(array);
          return inside;
        });
        const guard = passes.allocate(8).fill(7);
        call(passes.updates, arrays);
        arrays.forEach((array, index) => expect(bytes(array).equals(bytes(expected[index]))).toBe(true));
        expect([...guard]).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
      }
    },
  );
});

describe("SimdPasses", () => {
  it("leaves the neighbours of an array alone that begins and ends anywhere", () => {
    const passes = SimdPasses.create(4096)!;
    const whole = passes.allocate(64).fill(1);
    passes.updates.approach(whole.subarray(5, 12), whole.subarray(32, 39).fill(3), 0.5);
    expect([...whole.subarray(4, 13)]).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 1]);
  });

  it("has room for what it was made for, and refuses more", () => {
    const passes = SimdPasses.create(bytesInMemory(100_000))!;
    expect(passes.allocate(100_000)).toHaveLength(100_000);
    expect(() => passes.allocate(100_000)).toThrow(RangeError);
  });

  it("is not there where a memory cannot be had", () => {
    expect(SimdPasses.create(2 ** 33)).toBeUndefined();
  });
});

describe("an optimizer of many values", () => {
  it("moves them to where it is fast, and takes the same steps", () => {
    const length = 70_001;
    const [initial, gradient] = values(length);
    const weight = new Parameter([length], { init: (data) => data.set(initial) });
    const optimizer = new AdamW([{ parameters: new Map([["weight", weight]]), weightDecay: 0.1 }]);
    const { firstMoments, secondMoments } = optimizer.state();
    const [firstMoment, secondMoment] = [firstMoments.get("weight")!, secondMoments.get("weight")!];
    expect(weight.data.buffer).toBe(firstMoment.buffer);
    const expected = { weight: initial.slice(), firstMoment: firstMoment.slice(), secondMoment: secondMoment.slice() };
    optimizer.step({ weight: gradient }, { learningRate: 0.01 });
    const constants = { scale: 1, coupled: 0, gain1: 1 - 0.9, gain2: 1 - 0.999, eps: 1e-8 };
    const corrections = { rate: 0.01 / (1 - 0.9), correction: 1 / Math.sqrt(1 - 0.999), decay: 0.01 * 0.1 };
    plainUpdates.adam({ gradient, ...expected }, { ...constants, ...corrections });
    expect(bytes(weight.data).equals(bytes(expected.weight))).toBe(true);
    expect(bytes(secondMoment).equals(bytes(expected.secondMoment))).toBe(true);
  });
});
