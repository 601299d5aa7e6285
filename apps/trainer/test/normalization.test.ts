/**
 * Normalization layers on the engine that trains and in the files that are exported: the only place where both may be imported.
 */

import { Rng } from "@llm-learning/init";
import {
  compile,
  evaluateFloat64,
  grad,
  type Graph,
  graphOf,
  input,
  mul,
  namedParameters,
  product,
  type Shape,
  sum,
  type Tensor,
  Training,
} from "@llm-learning/nn-core";
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm } from "@llm-learning/normalization";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface Layer {
  forward(x: Tensor, training?: Training): Tensor;
}

const rng = new Rng(11);
const C = 6;
const running = { affine: true, trackRunningStats: true };
const layers: readonly (readonly [string, Layer, readonly number[]])[] = [
  ["LayerNorm", new LayerNorm(C), [4, C]],
  ["RMSNorm", new RMSNorm(C), [4, C]],
  ["BatchNorm of rows", new BatchNorm(C), [8, C]],
  ["BatchNorm of sequences", new BatchNorm(C, { momentum: null, correction: 1 }), [4, 5, C]],
  ["BatchNorm of images", new BatchNorm(C, { affine: false }), [2, 3, 4, C]],
  ["GroupNorm", new GroupNorm(3, C), [3, 4, C]],
  ["GroupNorm of images", new GroupNorm(2, C, { affine: false }), [2, 3, 4, C]],
  ["InstanceNorm", new InstanceNorm(C), [3, 5, C]],
  ["InstanceNorm with running statistics", new InstanceNorm(C, running), [2, 3, 4, C]],
];
for (const [, layer] of layers) {
  for (const [name, { data }] of namedParameters(layer)) {
    for (let i = 0; i < data.length; i++) data[i] = name === "running.batches" ? 3 : 0.5 + rng.uniform();
  }
}

const draw = (shape: Shape) => Float32Array.from({ length: product(shape) as number }, () => rng.normal());
const largest = (values: ArrayLike<number>) => Math.max(1, ...Array.from(values, Math.abs));

describe("exported as standard ONNX, a layer in use is what it is here, whatever the size of the batch", () => {
  it.each(layers)("%s", async (_, layer, shape) => {
    const named = ["batch_size", ...shape.slice(1)];
    const graph = graphOf({ y: layer.forward(input("x", named)) });
    const { model } = lowerGraph(graph, { parameters: "initializers", contrib: false });
    const session = await createOrtSession(encodeModel(model), { threads: 1 });
    const x = { dtype: "float32", shape, data: draw(shape) } as const;
    const { y } = await session.run({ x });
    const expected = evaluateFloat64(graph, { x });
    expect(y.shape).toEqual(shape);
    // A few roundings of 6e-8.
    expect(y.data as Float32Array).toBeAllclose(expected.y.data, { atol: 1e-6 * largest(expected.y.data) });
    await session.dispose();
  });
});

describe("on ONNX Runtime training has the outputs, gradients and statistics of the reference engine", () => {
  it.each(layers)("%s", async (_, layer, shape) => {
    const graph = trainingGraph(layer, shape);
    const feeds = { x: draw(shape), cotangent: draw(shape) };
    const program = await compile(onnxruntimeEngine({ threads: 1 }), graph);
    const result = await program.run(feeds);
    const expected = evaluateFloat64(graph, feeds);
    for (const [name, { data }] of Object.entries(expected)) {
      // Roundings of 6e-8 through sums of up to 24 values.
      expect(result[name].data as Float32Array, name).toBeAllclose(data, { atol: 2e-6 * largest(data) });
    }
    await program.dispose();
  });
});

function trainingGraph(layer: Layer, shape: Shape): Graph {
  const training = new Training();
  const x = input("x", shape);
  const y = layer.forward(x, training);
  const learned = [...namedParameters(layer)].filter(([, { trainable }]) => trainable);
  const wrt = [["x", x] as const, ...learned];
  const gradients = grad(
    sum(mul(y, input("cotangent", shape))),
    wrt.map(([, tensor]) => tensor),
  );
  return graphOf({
    y,
    ...Object.fromEntries(wrt.map(([name], index) => [`gradients.${name}`, gradients[index]])),
    ...Object.fromEntries([...training.updates.values()].map((value, index) => [`updates.${index}`, value])),
  });
}
