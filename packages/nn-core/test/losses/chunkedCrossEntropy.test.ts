import {
  add,
  chunkedCrossEntropy,
  compile,
  crossEntropy,
  grad,
  graphOf,
  input,
  linear,
  mul,
  Parameter,
  referenceEngine,
  sum,
  type Tensor,
  tanh,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const [B, T, C, V] = [2, 5, 4, 7];
const wave = (data: Float32Array): void => data.forEach((_, i) => (data[i] = Math.sin(2.3 * i + 1)));

const weight = new Parameter([V, C], { init: wave });
const bias = new Parameter([V], { init: wave });
const frozen = new Parameter([V], { init: wave, trainable: false });
const before = new Parameter([C], { init: wave });

const feeds = {
  x: Float32Array.from({ length: B * T * C }, (_, i) => Math.cos(1.7 * i)),
  targets: Int32Array.of(0, 6, 3, -1, 2, 2, 5, -1, 1, 4),
};
const targets = input("targets", [B, T], "int32");

/** Loss and gradients by everything, of a part of a larger graph. */
async function valuesOf(
  lossOf: (hidden: Tensor, scores: (rows: Tensor) => Tensor) => Tensor,
  wrt: readonly Parameter[] = [weight, bias, before],
): Promise<number[][]> {
  const x = input("x", [B, T, C]);
  const scores = (rows: Tensor): Tensor => tanh(add(linear(rows, weight, bias), frozen));
  const loss = lossOf(tanh(mul(x, before)), scores);
  const gradients = grad(mul(loss, 3), [x, ...wrt]);
  const graph = graphOf({
    loss,
    ...Object.fromEntries(gradients.map((tensor, index) => [`gradient${index}`, tensor])),
  });
  const program = await compile(referenceEngine(), graph);
  const values = await program.run(feeds);
  return Object.values(values).map(({ data }) => Array.from(data, Number));
}

describe("chunkedCrossEntropy", () => {
  it.each([
    ["in training", true],
    ["where gradients are asked for afterwards", false],
  ] as const)("is the mean of crossEntropy, gradients included, %s", async (_, training) => {
    const plain = await valuesOf((hidden, scores) => crossEntropy(scores(hidden), targets, { ignoreIndex: -1 }));
    for (const rows of [1, 3, 10, 64]) {
      const options = { rows, ignoreIndex: -1, training };
      const chunked = await valuesOf((hidden, scores) => chunkedCrossEntropy(hidden, targets, scores, options));
      // A few float32 roundings of sums in another order.
      for (const [index, values] of chunked.entries()) {
        expect(values).toBeAllclose(plain[index], { rtol: 1e-5, atol: 1e-6 });
      }
    }
  });

  it("gives a gradient by a parameter that is not trained where it is asked for", async () => {
    const wrt = [frozen, weight];
    const plain = await valuesOf((hidden, scores) => crossEntropy(scores(hidden), targets, { ignoreIndex: -1 }), wrt);
    const options = { rows: 4, ignoreIndex: -1, training: true };
    const chunked = await valuesOf((hidden, scores) => chunkedCrossEntropy(hidden, targets, scores, options), wrt);
    for (const [index, values] of chunked.entries()) {
      expect(values).toBeAllclose(plain[index], { rtol: 1e-5, atol: 1e-6 });
    }
  });

  it.each([
    ["an input of the graph", input("h", [6, C])],
    ["a parameter", new Parameter([6, C], { init: wave }).tensor],
  ])("gives one chunk of %s its gradient once, whatever else scores makes of it", async (_, hidden) => {
    const ids = input("ids", [6], "int32");
    const scores: ((rows: Tensor) => Tensor)[] = [
      (rows) => linear(rows, weight),
      // As tied embeddings: the classes are the rows.
      (rows) => linear(rows, hidden),
    ];
    const gradient = async (loss: Tensor): Promise<number[]> => {
      const program = await compile(
        referenceEngine(),
        graphOf({ gradient: grad(loss, [hidden])[0] }, [input("h", [6, C])]),
      );
      const values = await program.run({ h: feeds.x.subarray(0, 6 * C), ids: Int32Array.of(0, 5, 3, 1, 2, 2) });
      return Array.from(values.gradient.data, Number);
    };
    for (const score of scores) {
      const plain = await gradient(crossEntropy(score(hidden), ids));
      for (const [training, rows] of [true, false].flatMap((one) => [2, 6, 64].map((size) => [one, size] as const))) {
        const chunked = await gradient(chunkedCrossEntropy(hidden, ids, score, { rows, training }));
        expect(chunked).toBeAllclose(plain, { rtol: 1e-5, atol: 1e-6 });
      }
    }
  });

  it("has the scores of one chunk after the other, once in training", () => {
    const hidden = input("hidden", [6, C]);
    const ids = input("ids", [6], "int32");
    const score = (rows: Tensor): Tensor => linear(rows, weight);
    const linears = (training: boolean): number => {
      const loss = chunkedCrossEntropy(hidden, ids, score, { rows: 2, training });
      const { nodes } = graphOf({ loss, gradient: grad(loss, [weight])[0] });
      return nodes.filter(({ op }) => op.name === "linear").length;
    };
    expect([linears(true), linears(false)]).toEqual([3, 6]);
  });

  it("refuses rows that are none, and shapes that do not fit or are not numbers", () => {
    const score = (rows: Tensor): Tensor => linear(rows, weight);
    const refusal = (hidden: Tensor, rows: number) => (): Tensor =>
      sum(chunkedCrossEntropy(hidden, targets, score, { rows }));
    expect(refusal(input("h", [B, T, C]), 0.5)).toThrow(
      new RangeError("chunkedCrossEntropy: expected rows to be an integer >= 1, got 0.5"),
    );
    expect(() => chunkedCrossEntropy(input("h", [0, C]), input("t", [0], "int32"), score, { rows: 2 })).toThrow(
      new RangeError("chunkedCrossEntropy: expected at least one row, got hidden [0, 4]"),
    );
    expect(refusal(input("h", ["batch", T, C]), 2)).toThrow(
      "chunkedCrossEntropy: expected hidden [...targets, C] of sizes that are numbers, got hidden [batch, 5, 4] and targets [2, 5]",
    );
  });
});
