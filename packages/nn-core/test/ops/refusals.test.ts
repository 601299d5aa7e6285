/**
 * Operands that ops refuse while a graph is traced, rather than leave to engines that would each make something else of them.
 */

import {
  type AttentionOptions,
  concat,
  conv1d,
  conv2d,
  dropout,
  embedding,
  gather,
  gelu,
  grad,
  input,
  layerNorm,
  linear,
  matmul,
  max,
  mean,
  min,
  moments,
  nll,
  oneHot,
  pad,
  rmsNorm,
  rotary,
  scaledDotProductAttention,
  silu,
  slice,
  split,
  sum,
  type Tensor,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

type MaskedDropout = NonNullable<AttentionOptions["dropout"]>;

const float = (...shape: (number | string)[]): Tensor => input("x", shape);
const int = (...shape: number[]): Tensor => input("i", shape, "int32");
const bool = (...shape: number[]): Tensor => input("b", shape, "bool");

describe("ops of real numbers refuse integers", () => {
  it.each<[string, () => unknown, string]>([
    ["linear", () => linear(int(2, 3), float(4, 3), float(4)), "int32, float32, float32"],
    ["layerNorm", () => layerNorm(int(2, 3), float(3)), "int32, float32"],
    ["rmsNorm", () => rmsNorm(float(2, 3), int(3)), "float32, int32"],
    ["rotary", () => rotary(int(1, 1, 2, 2), float(2, 1), float(2, 1)), "int32, float32, float32"],
    ["gelu", () => gelu(int(2)), "int32"],
    ["silu", () => silu(bool(2)), "bool"],
    ["dropout", () => dropout(int(2), bool(2), { keepProbability: 0.5 }), "int32"],
    ["conv", () => conv1d(int(1, 4, 2), float(3, 2, 2)), "int32, float32"],
    [
      "scaledDotProductAttention",
      () => scaledDotProductAttention(float(1, 1, 2, 2), int(1, 1, 2, 2), float(1, 1, 2, 2)),
      "float32, int32, float32",
    ],
  ])("%s", (op, apply, got) => {
    expect(apply).toThrow(new TypeError(`${op}: expected float32 operands, got ${got}; cast them first`));
  });
});

describe("ops refuse what does not fit", () => {
  const q = float(2, 1, 3, 4);

  it.each<[string, () => unknown, string]>([
    [
      "weights of another size",
      () => linear(float(2, 3), float(4, 2), float(4)),
      "linear: expected x [..., inFeatures], weight [outFeatures, inFeatures] and bias [outFeatures], got [2, 3], [4, 2], [4]",
    ],
    [
      "inner sizes that differ",
      () => matmul(float(2, 3), float(2, 3)),
      "matmul: expected equal inner sizes, got 3 and 2 from [2, 3] and [2, 3]",
    ],
    ["vectors", () => matmul(float(3), float(3)), "matmul: expected operands of rank >= 2, got [3] and [3]"],
    [
      "a normalization of another width",
      () => layerNorm(float(2, 3), float(2), float(3)),
      "layerNorm: expected weight and bias of the size of x's last axis, got x [2, 3], weight [2], bias [3]",
    ],
    ["a negative eps", () => rmsNorm(float(3), float(3), { eps: -1 }), "rmsNorm: expected eps >= 0, got -1"],
    [
      "more angles than features",
      () => rotary(float(1, 1, 2, 2), float(2, 2), float(2, 2)),
      "rotary: expected x [B, H, T, D], and cos and sin [T, R / 2] or [B, 1, T, R / 2] with R <= D, got [1, 1, 2, 2], [2, 2], [2, 2]",
    ],
    [
      "angles of other tokens",
      () => rotary(float(2, 1, 2, 2), float(1, 1, 2, 1), float(1, 1, 2, 1)),
      "rotary: expected x [B, H, T, D], and cos and sin [T, R / 2] or [B, 1, T, R / 2] with R <= D, got [2, 1, 2, 2], [1, 1, 2, 1], [1, 1, 2, 1]",
    ],
    [
      "keys of another width",
      () => scaledDotProductAttention(q, float(2, 1, 3, 5), q),
      "scaledDotProductAttention: expected q [B, H, Tq, D], k [B, Hkv, Tk, D] and v [B, Hkv, Tk, Dv], H a multiple of Hkv, got [2, 1, 3, 4], [2, 1, 3, 5], [2, 1, 3, 4]",
    ],
    [
      "heads that groups do not divide",
      () => scaledDotProductAttention(float(2, 3, 3, 4), float(2, 2, 3, 4), float(2, 2, 3, 4)),
      "scaledDotProductAttention: expected q [B, H, Tq, D], k [B, Hkv, Tk, D] and v [B, Hkv, Tk, Dv], H a multiple of Hkv, got [2, 3, 3, 4], [2, 2, 3, 4], [2, 2, 3, 4]",
    ],
    [
      "keys and values of different numbers of heads",
      () => scaledDotProductAttention(float(2, 4, 3, 4), float(2, 2, 3, 4), float(2, 4, 3, 4)),
      "scaledDotProductAttention: expected q [B, H, Tq, D], k [B, Hkv, Tk, D] and v [B, Hkv, Tk, Dv], H a multiple of Hkv, got [2, 4, 3, 4], [2, 2, 3, 4], [2, 4, 3, 4]",
    ],
    [
      "a bias that is larger than the scores",
      () => scaledDotProductAttention(q, q, q, { bias: float(1, 2, 3, 3) }),
      "scaledDotProductAttention: expected a float32 bias that broadcasts to [2, 1, 3, 3], got float32 [1, 2, 3, 3]",
    ],
    [
      "a bias of bools",
      () => scaledDotProductAttention(q, q, q, { bias: bool(3, 3) }),
      "scaledDotProductAttention: expected a float32 bias that broadcasts to [2, 1, 3, 3], got bool [3, 3]",
    ],
    [
      "sinks of another number of heads",
      () => scaledDotProductAttention(q, q, q, { sinks: float(2) }),
      "scaledDotProductAttention: expected float32 sinks [1], got float32 [2]",
    ],
    [
      "a soft cap of 0",
      () => scaledDotProductAttention(q, q, q, { softCap: 0 }),
      "scaledDotProductAttention: expected a finite softCap above 0, got 0",
    ],
    [
      "a window that reaches nobody",
      () => scaledDotProductAttention(q, q, q, { window: 0 }),
      "scaledDotProductAttention: expected a window that is an integer >= 1, got 0",
    ],
    [
      "a mask that does not broadcast",
      () => scaledDotProductAttention(q, q, q, { mask: bool(1, 2, 3, 3) }),
      "scaledDotProductAttention: expected a bool mask that broadcasts to [2, 1, 3, 3], got bool [1, 2, 3, 3]",
    ],
    [
      "a mask of numbers",
      () => scaledDotProductAttention(q, q, q, { mask: int(3, 3) }),
      "scaledDotProductAttention: expected a bool mask that broadcasts to [2, 1, 3, 3], got int32 [3, 3]",
    ],
    [
      "a dropout mask of numbers",
      () => scaledDotProductAttention(q, q, q, { dropout: { mask: float(2, 1, 3, 3), keepProbability: 0.5 } }),
      "scaledDotProductAttention: expected a bool dropout mask [2, 1, 3, 3], got float32 [2, 1, 3, 3]",
    ],
    [
      "attention that keeps nothing",
      () => scaledDotProductAttention(q, q, q, { dropout: { mask: bool(2, 1, 3, 3), keepProbability: 0 } }),
      "scaledDotProductAttention: expected a keepProbability in (0, 1], got 0",
    ],
    [
      "attention's dropout without a probability",
      () => scaledDotProductAttention(q, q, q, { dropout: { mask: bool(2, 1, 3, 3) } as MaskedDropout }),
      "scaledDotProductAttention: expected a keepProbability in (0, 1], got undefined",
    ],
    [
      "a scale that is no number",
      () => scaledDotProductAttention(q, q, q, { scale: Number.NaN }),
      "scaledDotProductAttention: expected a finite scale, got NaN",
    ],
    [
      "a dropout mask of another shape",
      () => dropout(float(2), bool(3), { keepProbability: 0.5 }),
      "dropout: expected a bool mask of shape [2], got bool [3]",
    ],
    [
      "dropout that keeps nothing",
      () => dropout(float(2), bool(2), { keepProbability: 0 }),
      "dropout: expected a keepProbability in (0, 1], got 0",
    ],
    [
      "channels that groups do not divide",
      () => conv1d(float(1, 4, 3), float(2, 1, 1), undefined, { groups: 2 }),
      "conv: expected x [batch, ...spatial, inChannels] and weight [outChannels, ...kernel, inChannels / groups], " +
        "both channels divisible by groups (2), got [1, 4, 3] and [2, 1, 1]",
    ],
    [
      "an input smaller than the kernel",
      () => conv1d(float(1, 2, 1), float(1, 3, 1)),
      "conv: expected an input at least as large as the dilated kernel, got [1, 2, 1] for weight [1, 3, 1]; pad it or use fewer layers",
    ],
    [
      "an image of another rank",
      () => conv2d(float(1, 2, 1), float(1, 3, 1)),
      "conv2d: expected x and weight of rank 4, got [1, 2, 1] and [1, 3, 1]",
    ],
    [
      "a bias of other channels",
      () => conv1d(float(1, 4, 2), float(3, 1, 2), float(1)),
      "conv1d: expected bias [outChannels] = [3], got [1]",
    ],
    [
      "a bias of every pixel",
      () => conv2d(float(1, 4, 4, 2), float(3, 1, 1, 2), float(4, 4, 3)),
      "conv2d: expected bias [outChannels] = [3], got [4, 4, 3]",
    ],
    [
      "a form of gelu that there is not",
      () => gelu(float(2), { approximate: "foo" as "tanh" }),
      'gelu: expected approximate "none" or "tanh", got "foo"',
    ],
    [
      "a stride of 0",
      () => conv1d(float(1, 4, 1), float(1, 1, 1), undefined, { stride: 0 }),
      'conv1d: expected stride, dilation and groups that are integers >= 1 and padding >= 0, one for each of 1 axes, got {"stride":0}',
    ],
    [
      "a table that is no matrix",
      () => embedding(float(2), int(3)),
      "embedding: expected weight [numEmbeddings, embeddingDim], got [2]",
    ],
    [
      "targets of another shape",
      () => nll(float(2, 3), int(3), { ignoreIndex: undefined }),
      "crossEntropy: expected logits [...targets, classes], got logits [2, 3] and targets [3]",
    ],
    [
      "an ignored target that is no integer",
      () => nll(float(2, 3), int(2), { ignoreIndex: 0.5 }),
      "crossEntropy: expected ignoreIndex to be an integer or undefined, got 0.5",
    ],
    [
      "indices of another shape",
      () => gather(float(2, 3), int(3, 1), { axis: 1 }),
      "gather: expected indices of the shape [2, 3] but for axis 1, got [3, 1]",
    ],
    ["one-hot rows of no size", () => oneHot(int(2), 0), "oneHot: expected an integer depth >= 1, got 0"],
    [
      "sizes that do not add up",
      () => split(float(5), [2, 2]),
      "split: expected sizes >= 0 that add up to 5 (axis 0 of [5]), got [2, 2]",
    ],
    [
      "a size below 0",
      () => split(float(5), [6, -1]),
      "split: expected sizes >= 0 that add up to 5 (axis 0 of [5]), got [6, -1]",
    ],
    [
      "parts that differ elsewhere",
      () => concat([float(2, 3), float(2, 4)]),
      "concat: expected tensors of one dtype and of shapes equal but for axis 0, got float32 [2, 3] and float32 [2, 4]",
    ],
    ["nothing to join", () => concat([]), "concat: expected at least one tensor, got none"],
    [
      "a step of 0",
      () => slice(float(3), { axis: 0, start: 1, step: 0 }),
      "slice: expected integers start and end and a step >= 1, got 1::0",
    ],
    [
      "padding below 0",
      () => pad(float(3), { axis: 0, before: -1 }),
      "pad: expected integers >= 0, got before -1 and after 0",
    ],
    ["an empty mean", () => mean(float(2, 0)), "mean: expected at least one element along axes 0, 1, got [2, 0]"],
    [
      "an empty maximum",
      () => max(float(2, 0), { axes: 1 }),
      "max: expected at least one element along axes 1, got [2, 0]",
    ],
    [
      "an empty minimum",
      () => min(float("n", 0), { axes: 1 }),
      "min: expected at least one element along axes 1, got [n, 0]",
    ],
  ])("%s", (_, apply, message) => {
    expect(apply).toThrow(new RangeError(message));
  });
});

it.each([
  [0.1, "0.1"],
  [{ keepProbability: 0.9 }, "a mask of type undefined"],
])("attention's dropout needs a mask: %o", (dropout, got) => {
  const q = float(2, 1, 3, 4);
  expect(() => scaledDotProductAttention(q, q, q, { dropout: dropout as MaskedDropout })).toThrow(
    new TypeError(
      `scaledDotProductAttention: expected dropout { mask, keepProbability } whose mask is a Tensor, got ${got}`,
    ),
  );
});

it("an empty sum is zero, and the extrema of no rows are no values", () => {
  expect(sum(float(2, 0), { axes: 1 }).shape).toEqual([2]);
  expect(max(float(0, 3), { axes: 1 }).shape).toEqual([0]);
});

it("the gradient of a concat reaches past a part of size 0", () => {
  const x = float(2, 3);
  const joined = concat([slice(x, { axis: 1, end: 0 }), x], { axis: 1 });
  expect(grad(sum(joined), [x])[0].shape).toEqual([2, 3]);
});

it("gradients are by float32 tensors only", () => {
  const i = int(2);
  expect(() => grad(sum(embedding(float(3, 1), i)), [i])).toThrow(
    new TypeError("grad: expected float32 tensors to differentiate by, got int32 [2]"),
  );
});

describe("moments", () => {
  it("refuses integers, named dimensions and nothing at all", () => {
    expect(() => moments(int(3))).toThrow(
      new TypeError("moments: expected float32 operands, got int32; cast them first"),
    );
    for (const shape of [
      ["batch_size", 2],
      [0, 3],
    ]) {
      expect(() => moments(float(...shape))).toThrow(
        new RangeError(
          `moments: expected a static shape of at least one element, got [${shape.join(", ")}]; trace with numbers`,
        ),
      );
    }
  });
});
