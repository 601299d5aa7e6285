import { readFileSync } from "node:fs";
import {
  type DType,
  evaluateFloat64,
  graphOf,
  type Graph,
  input,
  type Node,
  referenceEngine,
  Tensor,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface FixtureArray {
  dtype: DType;
  shape: number[];
  data: (number | string)[];
}

interface FixtureCase {
  name: string;
  op: string;
  attributes: object;
  inputs: FixtureArray[];
  outputs: FixtureArray[];
}

const path = new URL("../fixtures/reference/kernels.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: FixtureCase[] };

const numbers = ({ data }: FixtureArray): number[] => data.map(Number);

function typedArray(array: FixtureArray): Float32Array | Int32Array | BigInt64Array | Uint8Array {
  switch (array.dtype) {
    case "float32":
      return Float32Array.from(numbers(array));
    case "int32":
      return Int32Array.from(numbers(array));
    case "int64":
      return BigInt64Array.from(numbers(array), BigInt);
    case "bool":
      return Uint8Array.from(numbers(array));
  }
}

/** A graph of one node whose types come from the fixture, so that only the kernel is under test. */
function graphOfCase({ op, attributes, inputs, outputs }: FixtureCase): Graph {
  const tensors: Tensor[] = [];
  const node = {
    op: { name: op, infer: () => outputs },
    attributes,
    inputs: inputs.map(({ shape, dtype }, index) => input(`input${index}`, shape, dtype)),
    outputs: tensors,
  } as unknown as Node;
  outputs.forEach((type, index) => tensors.push(new Tensor(type, { kind: "node", node, index })));
  return graphOf(Object.fromEntries(tensors.map((tensor, index) => [`output${index}`, tensor])));
}

const feedsOf = ({ inputs }: FixtureCase): Record<string, ReturnType<typeof typedArray>> =>
  Object.fromEntries(inputs.map((array, index) => [`input${index}`, typedArray(array)]));

describe("the reference engine computes what PyTorch computes", () => {
  it.each(cases.map((fixture) => [fixture.name, fixture] as const))("%s", async (_, fixture) => {
    const graph = graphOfCase(fixture);
    const program = await referenceEngine().compile(graph);
    const single = await program.run(feedsOf(fixture));
    const double = evaluateFloat64(graph, feedsOf(fixture));

    fixture.outputs.forEach((expected, index) => {
      const name = `output${index}`;
      expect(single[name].dtype).toBe(expected.dtype);
      expect(single[name].shape).toEqual(expected.shape);
      expect(double[name].shape).toEqual(expected.shape);
      if (expected.dtype !== "float32") {
        expect(single[name].data).toEqual(typedArray(expected));
        expect(double[name].data).toEqual(Float64Array.from(numbers(expected)));
        return;
      }
      // Sums of up to 50 terms of size 1, some in another order than PyTorch's: a few 1e-16 each.
      expect(double[name].data).toBeAllclose(numbers(expected), { rtol: 1e-13, atol: 1e-14 });
      // The same computation, rounded to float32 once: half a unit in the last place of 24 bits.
      expect(single[name].data).toBeAllclose(numbers(expected), { rtol: 2 ** -24 + 1e-13, atol: 1e-14 });
    });
  });
});
