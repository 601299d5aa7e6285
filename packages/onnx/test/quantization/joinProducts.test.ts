import { encodeModel, joinProducts, lowerGraph, type OnnxModel, quantizeModel } from "@llm-learning/onnx";
import { createOrtSession } from "@llm-learning/onnx/node";
import { Rng } from "@llm-learning/init";
import { add, Linear, mul, relu, trace, type TensorValue } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const rng = new Rng(4);
const linear = (width: number, bias = false): Linear => new Linear(32, width, { rng, bias });
const [query, key, value, other, output] = [linear(64), linear(16), linear(16, true), linear(32), linear(8)];

/** Three products of x, one of them with a bias behind it; one of another value; one of x again, later. */
const model: OnnxModel = lowerGraph(
  trace({ x: { shape: ["b", "t", 32] } }, ({ x }) => {
    const y = relu(other.forward(mul(x, 2)));
    return { q: query.forward(x), k: key.forward(x), v: value.forward(x), y: output.forward(add(y, x)) };
  }),
  { parameters: "initializers", contrib: false },
).model;

const x: TensorValue = {
  dtype: "float32",
  shape: [2, 3, 32],
  data: Float32Array.from({ length: 192 }, () => rng.normal()),
};

async function outputsOf(onnx: OnnxModel): Promise<Record<string, number[]>> {
  const session = await createOrtSession(encodeModel(onnx), { threads: 1, strictShapes: true });
  const outputs = await session.run({ x });
  await session.dispose();
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

const count = ({ graph }: OnnxModel, opType: string): number =>
  graph.nodes.filter((node) => node.opType === opType).length;

describe("joinProducts", () => {
  it("makes one product of those that take the same value, and leaves the others", () => {
    const joined = joinProducts(model);
    expect([count(model, "MatMul"), count(joined, "MatMul"), count(joined, "Split")]).toEqual([5, 3, 1]);
    expect(joined.graph.outputs).toEqual(model.graph.outputs);
    const [weight] = joined.graph.initializers.filter(({ name }) => name.endsWith(".joined"));
    expect(weight.dims).toEqual([96, 32]);
    // What was joined is stored once.
    expect(joined.graph.initializers.filter(({ dims }) => dims.length === 2)).toHaveLength(3);
    expect(count(quantizeModel(joined, { bits: 4 }), "MatMulNBits")).toBe(3);
  });

  it.each([
    ["in float32", (onnx: OnnxModel) => onnx],
    ["in blocks of 4 bits", (onnx: OnnxModel) => quantizeModel(onnx, { bits: 4 })],
  ])("changes no result %s but for roundings", async (_, form) => {
    const [before, after] = [await outputsOf(form(model)), await outputsOf(form(joinProducts(model)))];
    for (const [name, values] of Object.entries(before)) {
      // Sums of 32 products of size 1, in another order: wider matrices are cut otherwise.
      expect(after[name], name).toBeAllclose(values, { atol: 2e-6 });
    }
  });
});
