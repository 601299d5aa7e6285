import { Rng } from "@llm-learning/init";
import { GRU, type RecurrentConfig, RNN } from "@llm-learning/models";
import { input, namedParameters, parameterCount, taps } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const sizes: RecurrentConfig = { vocabSize: 27, blockSize: 16, nEmbd: 64, nHidden: 64 };

describe.each([
  { Model: RNN, count: 27 * 64 + 64 + 129 * 64 + 65 * 27, gates: [] },
  {
    Model: GRU,
    count: 27 * 64 + 64 + 3 * 129 * 64 + 65 * 27,
    gates: ["resetGate sigmoid", "updateGate sigmoid", "candidate tanh"],
  },
])("$Model.name", ({ Model, count, gates }) => {
  const create = (options: Partial<RecurrentConfig> = {}) => new Model({ ...sizes, ...options }, { rng: new Rng(1) });

  it("has a matrix and one bias for each formula, an embedding, a start and an output layer", () => {
    expect(parameterCount(create())).toBe(count);
    expect(Model.parameterCount(sizes)).toBe(count);
  });

  it("starts with PyTorch's weights for embedding and memory side by side, and an empty memory", () => {
    for (const [name, { data }] of namedParameters(create())) {
      if (name === "start") expect(data.every((value) => value === 0)).toBe(true);
      if (!name.includes("To")) continue;
      const bound = 1 / Math.sqrt(128);
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(largest).toBeGreaterThan(0.9 * bound);
    }
  });

  it("names its memory over time, its gates and its logits", () => {
    const { logits } = create().forward(input("inputIds", [2, 5], "int32"));
    const found = [...taps([logits]).values()];
    const memory = `hidden ${Model === RNN ? "tanh" : "activation"}`;
    expect(found.map(({ name, kind }) => `${name} ${kind}`)).toEqual([...gates, memory, "logits logits"]);
    for (const { value } of found.slice(0, -1)) expect(value.shape).toEqual([2, 5, 64]);
  });

  it("refuses a length that it cannot unroll", () => {
    expect(() => create().forward(input("inputIds", [2, "length"], "int32"))).toThrow(
      new RangeError(
        `${Model.name}.forward: expected a number of tokens to unroll, from 1 to blockSize 16, got [2, length]`,
      ),
    );
    expect(() => create().forward(input("inputIds", [2, 17], "int32"))).toThrow(
      new RangeError(`${Model.name}.forward: expected inputIds [B, T] of at most blockSize 16 tokens, got [2, 17]`),
    );
  });

  it("refuses sizes that make no sense", () => {
    expect(() => create({ nHidden: 0.5 })).toThrow(
      new RangeError(`${Model.name}: expected nHidden to be an integer >= 1, got 0.5`),
    );
  });
});
