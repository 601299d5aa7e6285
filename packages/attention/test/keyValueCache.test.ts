import { appendToCache } from "@llm-learning/attention";
import { graphOf, input, referenceEngine } from "@llm-learning/nn-core";
import { expect, it } from "vitest";

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
