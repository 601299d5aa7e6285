import { compile, conv2d, exp, grad, graphOf, input, mul, product, sum, type Tensor } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";

const engine = onnxruntimeEngine({ threads: 1 });

describe("a convolution that sums over nothing", () => {
  const weightGradient = (): Tensor => {
    const weight = input("weight", [3, 2, 2, 2]);
    return grad(sum(conv2d(input("empty", [0, 3, 3, 2]), weight)), [weight])[0];
  };
  const inputGradient = (): Tensor => {
    const x = input("x", [2, 3, 3, 2]);
    return grad(sum(conv2d(x, input("empty", [0, 2, 2, 2]))), [x])[0];
  };
  const forward = (): Tensor => conv2d(input("empty", [2, 3, 3, 0]), input("none", [3, 2, 2, 0]));

  it.each([
    ["the weight's gradient of an empty batch", weightGradient, [3, 2, 2, 2]],
    ["the input's gradient by no channels", inputGradient, [2, 3, 3, 2]],
    ["the output of no channels", forward, [2, 2, 2, 3]],
  ] as const)("gives zeros, not what was in memory: %s", async (_, tensor, shape) => {
    // exp(z) is dropped when it is doubled, and has as many numbers: its memory is what the next operator gets.
    const size = Number(product(shape));
    const graph = graphOf({ y: tensor(), doubled: mul(exp(input("z", [size])), 2) });
    const program = await compile(engine, graph);
    const feeds = [...graph.inputs].map(([name, { shape: dims }]) => {
      return [name, new Float32Array(Number(product(dims))).fill(1)] as const;
    });
    const { y } = await program.run(Object.fromEntries(feeds));
    expect(y.shape).toEqual(shape);
    expect(y.data).toEqual(new Float32Array(size));
    await program.dispose();
  });
});
