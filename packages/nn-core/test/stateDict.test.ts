import { Rng } from "@llm-learning/init";
import {
  decodeSafetensors,
  encodeSafetensors,
  float32View,
  Linear,
  loadStateDict,
  safetensorsEntry,
  stateDict,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const model = (seed: number) => ({ layers: [1, 2].map((n) => new Linear(2, n, { rng: new Rng(seed) })) });
const values = (one: object) => [...stateDict(one)].map(([name, { shape, data }]) => [name, shape, [...data]]);

describe("stateDict and loadStateDict", () => {
  it("copy a model's values into another", () => {
    const target = model(2);
    expect(values(target)).not.toEqual(values(model(1)));
    loadStateDict(target, stateDict(model(1)));
    expect(values(target)).toEqual(values(model(1)));
  });

  it("stateDict gives the model's own arrays; loadStateDict copies", () => {
    const source = model(1);
    expect(stateDict(source).get("layers.0.weight")?.data).toBe(source.layers[0].weight.data);
    const target = model(2);
    loadStateDict(target, stateDict(source));
    source.layers[0].weight.data.fill(9);
    expect(target.layers[0].weight.data).not.toContain(9);
  });

  it("pass through a safetensors file", () => {
    const file = encodeSafetensors(
      [...stateDict(model(1))].map(([name, { shape, data }]) => [name, safetensorsEntry(data, shape)] as const),
    );
    const { tensors } = decodeSafetensors(file);
    const target = model(2);
    loadStateDict(
      target,
      new Map([...tensors].map(([name, entry]) => [name, { shape: entry.shape, data: float32View(entry) }])),
    );
    expect(values(target)).toEqual(values(model(1)));
  });
});

describe("loadStateDict refuses, and copies nothing then,", () => {
  function refusal(change: (entries: Map<string, { shape: readonly number[]; data: Float32Array }>) => void): string {
    const target = model(2);
    const before = values(target);
    const entries = new Map(stateDict(model(1)));
    change(entries);
    let message = "";
    try {
      loadStateDict(target, entries);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      message = (error as Error).message;
    }
    expect(values(target)).toEqual(before);
    return message;
  }

  it("values that lack a parameter", () => {
    expect(refusal((entries) => entries.delete("layers.1.bias"))).toBe(
      'loadStateDict: expected the 4 parameters of the model, got 1 missing ("layers.1.bias")',
    );
  });

  it("values that the model has no parameter for", () => {
    expect(refusal((entries) => entries.set("extra", { shape: [1], data: new Float32Array(1) }))).toBe(
      'loadStateDict: expected the 4 parameters of the model, got 1 unknown ("extra")',
    );
  });

  it("both, naming three of each at most", () => {
    expect(
      refusal((entries) => {
        entries.clear();
        entries.set("a", { shape: [1], data: new Float32Array(1) });
      }),
    ).toBe(
      'loadStateDict: expected the 4 parameters of the model, got 4 missing ("layers.0.weight", "layers.0.bias", ' +
        '"layers.1.weight", ...) and 1 unknown ("a")',
    );
  });

  it("data shorter than its shape", () => {
    expect(refusal((entries) => entries.set("layers.1.weight", { shape: [2, 2], data: new Float32Array(3) }))).toBe(
      'loadStateDict: expected [2, 2] for "layers.1.weight", got [2, 2] with 3 values',
    );
  });

  it("a value of another shape, even with as many elements", () => {
    expect(refusal((entries) => entries.set("layers.1.weight", { shape: [4], data: new Float32Array(4) }))).toBe(
      'loadStateDict: expected [2, 2] for "layers.1.weight", got [4] with 4 values',
    );
  });
});
