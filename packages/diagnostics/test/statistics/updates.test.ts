import { collect, copyMatrices, summarize, updateToData, withUpdates } from "@llm-learning/diagnostics";
import { compile, graphOf, mul, Parameter, referenceEngine, sum, tap } from "@llm-learning/nn-core";
import { expect, test } from "vitest";

test("update:data is the spread of the update beside that of the values", () => {
  // Updates 0, 0 and 3 have std sqrt(3); values 1, 2 and 3 have std 1.
  expect(updateToData(new Float32Array([1, 2, 3]), new Float32Array([1, 2, 6]))).toBeCloseTo(Math.sqrt(3), 12);
  expect(updateToData(new Float32Array([1, 2]), new Float32Array([5, 6]))).toBe(0);
  expect(updateToData(new Float32Array([1, 1]), new Float32Array([1, 2]))).toBeNull();
  expect(() => updateToData(new Float32Array(2), new Float32Array(3))).toThrow(
    "updateToData: expected arrays of one length, got 2 and 3",
  );
});

test("withUpdates measures what an optimizer did to the matrices, and leaves taps alone", async () => {
  const weight = new Parameter([1, 2], { init: (data) => data.set([1, 3]) });
  const parameters = new Map([
    ["weight", weight],
    ["bias", new Parameter([2])],
  ]);
  const collection = collect(sum(tap(mul(weight, 2), "hidden")), { parameters });
  const program = await compile(referenceEngine(), graphOf(collection.outputs));
  const records = summarize(collection, await program.run({}));
  const before = copyMatrices(parameters);
  expect([...before.keys()]).toEqual(["weight"]);
  weight.data.set([1.5, 3]);
  const measured = withUpdates(records, before, parameters);
  expect(measured.map(({ name, updateToData }) => [name, updateToData])).toEqual([
    ["hidden", null],
    ["weight", 0.25],
  ]);
});
