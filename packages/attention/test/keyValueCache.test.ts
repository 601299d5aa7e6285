import { alibiBias, appendToCache, GroupedQueryAttention, trimCache } from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import { evaluateFloat64, graphOf, input, referenceEngine } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

it("puts new keys and values behind those of the past, row by row", async () => {
  const past = { key: input("pastKey", [2, 1, 2, 1]), value: input("pastValue", [2, 1, 2, 2]) };
  const next = { key: input("key", [2, 1, 1, 1]), value: input("value", [2, 1, 1, 2]) };
  const { key, value } = appendToCache(past, next);
  const program = await referenceEngine().compile(graphOf({ key, value }));
  const result = await program.run({
    pastKey: new Float32Array([1, 2, 10, 20]),
    key: new Float32Array([3, 30]),
    pastValue: new Float32Array([1, 1, 2, 2, 10, 10, 20, 20]),
    value: new Float32Array([3, 3, 30, 30]),
  });
  expect(result.key).toEqual({ dtype: "float32", shape: [2, 1, 3, 1], data: new Float32Array([1, 2, 3, 10, 20, 30]) });
  expect(result.value.shape).toEqual([2, 1, 3, 2]);
  expect([...result.value.data]).toEqual([1, 1, 2, 2, 3, 3, 10, 10, 20, 20, 30, 30]);
});

it("needs a name for the joined length where it is not a number", () => {
  const past = { key: input("pastKey", [1, 2, "past", 4]), value: input("pastValue", [1, 2, "past", 4]) };
  const next = { key: input("key", [1, 2, 1, 4]), value: input("value", [1, 2, 1, 4]) };
  expect(appendToCache(past, next, "total").key.shape).toEqual([1, 2, "total", 4]);
  expect(() => appendToCache(past, next)).toThrow(
    new RangeError("concat: expected a name for the joined axis (option dim), whose parts are [past, 1], got none"),
  );
});

it("refuses keys of another width", () => {
  const tensor = (name: string, width: number) => input(name, [1, 2, 1, width]);
  const past = { key: tensor("pastKey", 4), value: tensor("pastValue", 4) };
  expect(() => appendToCache(past, { key: tensor("key", 8), value: tensor("value", 4) })).toThrow(
    /concat: expected tensors of one dtype and of shapes equal but for axis 2/,
  );
});

describe("trimCache", () => {
  const cache = { key: input("key", [1, 1, 4, 1]), value: input("value", [1, 1, 4, 1]) };
  const feeds = { key: Float64Array.of(1, 2, 3, 4), value: Float64Array.of(5, 6, 7, 8) };

  it("keeps what the next token hears besides itself", () => {
    const trimmed = (window: number): number[][] => {
      const { key, value } = trimCache(cache, window);
      const result = evaluateFloat64(graphOf({ key, value }), feeds);
      return [[...result.key.data], [...result.value.data]];
    };
    expect(trimmed(3)).toEqual([
      [3, 4],
      [7, 8],
    ]);
    expect(trimmed(9)).toEqual([[...feeds.key], [...feeds.value]]);
    expect(trimCache(cache, 1).key.shape).toEqual([1, 1, 0, 1]);
  });

  it("refuses windows of nothing, and lengths that are names", () => {
    expect(() => trimCache(cache, 0)).toThrow(
      new RangeError("trimCache: expected window to be an integer >= 1, got 0"),
    );
    const named = { key: input("key", [1, 1, "past", 1]), value: input("value", [1, 1, "past", 1]) };
    expect(() => trimCache(named, 2)).toThrow(
      new RangeError(
        "trimCache: expected a cache whose length is a number, got [1, 1, past, 1]; " +
          "where lengths have names, cut the arrays between two runs",
      ),
    );
  });
});

it("a layer with a window computes from a cache of its window alone what it computes from all of the text", () => {
  const [T, C, window] = [9, 4, 3];
  const layer = new GroupedQueryAttention(C, { rng: new Rng(1), numHeads: 1, causal: true, window });
  const rng = new Rng(2);
  const x = Float64Array.from({ length: T * C }, () => rng.normal());
  const { output } = layer.forward(input("x", [1, T, C]), { bias: alibiBias(1, T) });
  const whole = evaluateFloat64(graphOf({ output }), { x }).output.data;

  const shape = [1, 1, "past", C];
  const past = { key: input("key", shape), value: input("value", shape) };
  const bias = alibiBias(1, "total", { listeners: 1 });
  const step = layer.forward(input("x", [1, 1, C]), { past, totalLength: "total", bias });
  const graph = graphOf({ output: step.output, key: step.present.key, value: step.present.value });
  const none = { shape: [1, 1, 0, C], data: new Float64Array() };
  let feeds: Record<"key" | "value", { shape: readonly number[]; data: Float64Array }> = { key: none, value: none };
  for (let t = 0; t < T; t++) {
    const result = evaluateFloat64(graph, { x: x.slice(t * C, (t + 1) * C), ...feeds });
    expect(result.output.data).toBeAllclose(whole.subarray(t * C, (t + 1) * C), { atol: 1e-14 });
    const trimmed = ({ data }: { data: Float64Array }) => {
      const rest = data.slice(Math.max(0, data.length - (window - 1) * C)); // one head: tokens lie behind one another
      return { shape: [1, 1, rest.length / C, C], data: rest };
    };
    feeds = { key: trimmed(result.key), value: trimmed(result.value) };
    expect(feeds.key.shape[2]).toBe(Math.min(t + 1, window - 1));
  }
});
