/**
 * For every op, graphs that contain it: what the lowering tests run on ONNX Runtime and on the reference engine.
 *
 * Dimensions are written by name. The tests give each name a size, drawn anew for each seed from 1 upwards, or leave
 * it a name, so that one case covers static shapes, named dimensions and axes of size 1.
 */

import {
  abs,
  add,
  barrier,
  broadcastTo,
  cast,
  concat,
  constant,
  conv1d,
  conv2d,
  cos,
  type Dim,
  type DType,
  div,
  dropout,
  embedding,
  equal,
  erf,
  exp,
  gather,
  gelu,
  grad,
  iota,
  layerNorm,
  less,
  lessEqual,
  linear,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  logSoftmax,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  moments,
  mul,
  neg,
  nll,
  oneHot,
  type OpName,
  pad,
  pow,
  product,
  reciprocal,
  relu,
  reshape,
  rmsNorm,
  rotary,
  scaledDotProductAttention,
  scatterAdd,
  type Shape,
  sigmoid,
  sign,
  silu,
  sin,
  slice,
  softmax,
  split,
  sqrt,
  sub,
  sum,
  tanh,
  tap,
  type Tensor,
  transpose,
  where,
} from "@llm-learning/nn-core";

export interface InputCase {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Draws an element from a number in [0, 1). */
  readonly draw: (uniform: number) => number;
}

export interface Case {
  readonly name: string;
  readonly inputs: Readonly<Record<string, InputCase>>;
  /** The op under test applied to the inputs; `dim` gives a name's size, or the name itself. */
  readonly body: (inputs: Readonly<Record<string, Tensor>>, dim: (name: string) => Dim) => Tensor | readonly Tensor[];
  /** Sizes of names that must not be drawn freely. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Whether the case makes sense with named dimensions. @defaultValue true */
  readonly named?: boolean;
}

const float = (...shape: Dim[]): InputCase => ({ shape, dtype: "float32", draw: (u) => 4 * u - 2 });
const positive = (...shape: Dim[]): InputCase => ({ shape, dtype: "float32", draw: (u) => 0.25 + 2 * u });
const small = (...shape: Dim[]): InputCase => ({ shape, dtype: "float32", draw: (u) => Math.floor(5 * u) - 2 });
const bool = (...shape: Dim[]): InputCase => ({ shape, dtype: "bool", draw: (u) => Math.floor(2 * u) });
const integer =
  (dtype: "int32" | "int64", from: number, below: number) =>
  (...shape: Dim[]): InputCase => ({ shape, dtype, draw: (u) => from + Math.floor(u * (below - from)) });

const broadcasting: readonly (readonly [string, Shape, Shape])[] = [
  ["equal shapes", ["b", "t"], ["b", "t"]],
  ["a lower rank", ["b", "t", 3], ["t", 1]],
  ["both stretched", ["b", 1, "t"], [4, 1]],
  ["a scalar", ["b", "t"], []],
];

type Binary = (a: Tensor, b: Tensor) => Tensor;

function binary(apply: Binary, kinds: readonly ((...shape: Dim[]) => InputCase)[]): Case[] {
  return kinds.flatMap((kind) =>
    broadcasting.map(([name, a, b]) => {
      const inputs = { a: kind(...a), b: kind(...b) };
      return { name: `${name}, ${inputs.a.dtype}`, inputs, body: ({ a, b }) => apply(a, b) } satisfies Case;
    }),
  );
}

const integers = [integer("int32", -3, 4), integer("int64", -3, 4)];
const naturals = [integer("int32", 1, 9), integer("int64", 1, 9)];
const bools = [bool];

function unary(apply: (x: Tensor) => Tensor, kinds: readonly ((...shape: Dim[]) => InputCase)[] = [float]): Case[] {
  return kinds.map((kind) => {
    const inputs = { x: kind("b", "t", 3) };
    return { name: inputs.x.dtype, inputs, body: ({ x }) => apply(x) };
  });
}

type ReductionOp = (x: Tensor, options: { axes?: number | number[]; keepDims?: boolean }) => Tensor;

function reduction(apply: ReductionOp, kinds: readonly ((...shape: Dim[]) => InputCase)[], named: boolean): Case[] {
  const axes = [[0], [1], [2], [0, 1], [0, 2], [0, 1, 2]];
  return kinds.flatMap((kind) =>
    axes.flatMap((list) =>
      [false, true].map((keepDims): Case => {
        const inputs = { x: kind("b", "t", 3) };
        const name = `axes ${list.join()}${keepDims ? " kept" : ""}, ${inputs.x.dtype}`;
        return {
          name,
          inputs,
          named: named || list.join() === "2",
          body: ({ x }) => apply(x, { axes: list, keepDims }),
        };
      }),
    ),
  );
}

function indexed(apply: (dtype: "int32" | "int64") => Omit<Case, "name">): Case[] {
  return (["int32", "int64"] as const).map((dtype) => ({ name: dtype, ...apply(dtype) }));
}

/** Geometries with every feature: uneven padding, stride that leaves a rest, dilation, groups. */
const geometries = [
  { name: "plain", size: 5, kernel: 2, channels: [3, 2], options: {} },
  { name: "kernel of 1", size: 4, kernel: 1, channels: [1, 1], options: {} },
  { name: "causal, dilated", size: 6, kernel: 3, channels: [2, 4], options: { padding: [[4, 0]], dilation: 2 } },
  { name: "stride with a rest", size: 8, kernel: 3, channels: [2, 3], options: { stride: 3 } },
  {
    name: "stride, dilation, padding",
    size: 9,
    kernel: 3,
    channels: [2, 3],
    options: { stride: 2, dilation: 2, padding: [[1, 2]] },
  },
  { name: "groups", size: 5, kernel: 2, channels: [4, 6], options: { groups: 2, padding: [[1, 0]] } },
  { name: "depthwise", size: 5, kernel: 3, channels: [3, 3], options: { groups: 3, stride: 2, padding: [[1, 1]] } },
] as const;

type ConvBody = (y: Tensor, x: Tensor, weight: Tensor) => readonly Tensor[];

function convolutions(body: ConvBody, named = true): Case[] {
  const line = geometries.map(({ name, size, kernel, channels: [inChannels, outChannels], options }): Case => {
    const groups = "groups" in options ? options.groups : 1;
    return {
      name: `1d ${name}`,
      named,
      inputs: { x: float("b", size, inChannels), weight: float(outChannels, kernel, inChannels / groups) },
      body: ({ x, weight }) => body(conv1d(x, weight, undefined, options), x, weight),
    };
  });
  const plane: Case = {
    name: "2d, every feature",
    named,
    inputs: { x: float("b", 7, 6, 4), weight: float(6, 3, 2, 2) },
    body: ({ x, weight }) =>
      body(
        conv2d(x, weight, undefined, {
          stride: [2, 3],
          dilation: [1, 2],
          padding: [
            [0, 1],
            [2, 1],
          ],
          groups: 2,
        }),
        x,
        weight,
      ),
  };
  return [...line, plane];
}

const wide = (dtype: "int32" | "int64", ...shape: Dim[]): InputCase => integer(dtype, 0, 600)(...shape);

/** An int64 index is what exported models take; the gradients stay the same. */
const attention = (q: Dim, k: Dim): Record<"q" | "k" | "v", InputCase> => ({
  q: float("b", 2, q, 4),
  k: float("b", 2, k, 4),
  v: float("b", 2, k, 3),
});

const grouped = (q: Dim, k: Dim): Record<"q" | "k" | "v", InputCase> => ({
  q: float("b", 4, q, 4),
  k: float("b", 2, k, 4),
  v: float("b", 2, k, 3),
});

const attend = (inputs: Readonly<Record<string, Tensor>>, options: Parameters<typeof scaledDotProductAttention>[3]) => {
  const { output, probabilities } = scaledDotProductAttention(inputs.q, inputs.k, inputs.v, options);
  return [output, probabilities];
};

export const cases: { readonly [K in OpName]: readonly Case[] } = {
  add: binary(add, [float, ...integers]),
  sub: binary(sub, [float, ...integers]),
  mul: binary(mul, [float, ...integers]),
  div: [...binary((a, b) => div(a, add(abs(b), 0.5)), [float]), ...binary(div, naturals)],
  pow: binary(pow, [positive]),
  maximum: binary(maximum, [float, ...integers]),
  minimum: binary(minimum, [float, ...integers]),
  equal: binary(equal, [small, ...integers]),
  less: binary(less, [small, ...integers]),
  lessEqual: binary(lessEqual, [small, ...integers]),
  logicalAnd: binary(logicalAnd, bools),
  logicalOr: binary(logicalOr, bools),

  neg: unary(neg, [float, ...integers]),
  abs: unary(abs, [float, ...integers]),
  sign: unary(sign, [small]),
  exp: unary(exp),
  log: unary(log, [positive]),
  sqrt: unary(sqrt, [positive]),
  reciprocal: unary(reciprocal, [positive]),
  sin: unary(sin),
  cos: unary(cos),
  erf: unary(erf),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  relu: unary(relu),
  logicalNot: unary(logicalNot, bools),
  tap: unary((x) => tap(x, "x"), [float, ...integers]),
  barrier: unary((x) => barrier(x, [x]), [float, ...integers]),
  cast: (["float32", "int32", "int64", "bool"] as const).flatMap((dtype) =>
    [float, small, ...integers, bool].flatMap((kind) => {
      const inputs = { x: kind("b", "t") };
      if (inputs.x.dtype === dtype) return [];
      return [{ name: `${inputs.x.dtype} to ${dtype}`, inputs, body: ({ x }) => cast(x, dtype) } satisfies Case];
    }),
  ),

  where: [float, ...integers, bool].flatMap((kind): Case[] => {
    const { dtype } = kind();
    return [
      {
        name: `equal shapes, ${dtype}`,
        inputs: { condition: bool("b", "t"), a: kind("b", "t"), b: kind("b", "t") },
        body: ({ condition, a, b }) => where(condition, a, b),
      },
      {
        name: `broadcasting, ${dtype}`,
        inputs: { condition: bool("t", 1), a: kind("b", 1, 3), b: kind() },
        body: ({ condition, a, b }) => where(condition, a, b),
      },
    ];
  }),

  sum: reduction(sum, [float, ...integers], true),
  mean: reduction(mean, [float], false),
  max: reduction(max, [float, ...integers], true),
  min: reduction(min, [float, ...integers], true),
  moments: [
    { name: "three axes", named: false, inputs: { x: float("b", "t", 3) }, body: ({ x }) => moments(x) },
    { name: "one axis", named: false, inputs: { x: float(7) }, body: ({ x }) => moments(x) },
    {
      name: "far from 0",
      named: false,
      inputs: { x: { shape: ["b", 64], dtype: "float32", draw: (u) => 1000 + u } },
      // The standard deviation is a thousandth of the mean, and has to be right itself.
      body: ({ x }) => slice(moments(x), { axis: 0, start: 1, end: 2 }),
    },
  ],

  reshape: [
    {
      name: "flatten",
      inputs: { x: float("b", "t", 6) },
      body: ({ x }, dim) => reshape(x, [product([dim("b"), dim("t")]), 6]),
    },
    {
      name: "split heads",
      inputs: { x: float("b", "t", 6) },
      body: ({ x }, dim) => reshape(x, [dim("b"), dim("t"), 2, 3]),
    },
    {
      name: "rotate names",
      inputs: { x: float("b", "t", 6) },
      body: ({ x }, dim) => reshape(x, [6, dim("b"), dim("t")]),
    },
    {
      name: "two unknown",
      inputs: { x: float("b", "t", 6) },
      body: ({ x }, dim) => reshape(x, [dim("t"), 3, dim("b"), 2]),
    },
    {
      name: "unflatten",
      inputs: { x: float("b", "t", 6) },
      body: ({ x }, dim) => reshape(exp(reshape(x, [product([2, dim("b"), dim("t")]), 3])), [dim("b"), dim("t"), 3, 2]),
    },
    { name: "to a scalar", inputs: { x: float(1, 1) }, body: ({ x }) => reshape(x, []) },
    { name: "from a scalar, bool", inputs: { x: bool() }, body: ({ x }) => reshape(x, [1, 1]) },
    { name: "nothing", inputs: { x: float(0, 3) }, body: ({ x }) => reshape(x, [3, 0, 2]) },
  ],
  transpose: [float, integer("int64", -5, 5), bool].flatMap((kind): Case[] => [
    { name: `three axes, ${kind().dtype}`, inputs: { x: kind("b", "t", 3) }, body: ({ x }) => transpose(x, [2, 0, 1]) },
    {
      name: `heads, ${kind().dtype}`,
      inputs: { x: kind("b", "t", 2, 3) },
      body: ({ x }) => transpose(x, [0, 2, 1, 3]),
    },
  ]),
  broadcastTo: [float, ...integers, bool].map((kind) => ({
    name: kind().dtype,
    inputs: { x: kind("t", 1), like: float("b", "t", 3) },
    body: ({ x }, dim) => broadcastTo(x, [dim("b"), dim("t"), 3]),
  })),
  concat: [
    ...[float, ...integers, bool].map((kind): Case => ({
      name: `fixed axis, ${kind().dtype}`,
      inputs: { a: kind("b", 2, "t"), b: kind("b", 1, "t"), c: kind("b", 3, "t") },
      body: ({ a, b, c }) => concat([a, b, c], { axis: 1 }),
    })),
    {
      name: "an axis whose name is new",
      inputs: { a: float("b", "t"), b: float("b", "s") },
      body: ({ a, b }, dim) => {
        const joined = dim("t") === "t" ? concat([a, b], { axis: 1, dim: "all" }) : concat([a, b], { axis: 1 });
        const positions = iota(joined.shape[1], "float32");
        return [mul(joined, positions), reshape(joined, [1, product([joined.shape[1], dim("b")])])];
      },
    },
    {
      name: "an axis whose name an input has",
      sizes: { b: 2, t: 3, s: 1, all: 4 },
      inputs: { a: float("b", "t"), b: float("b", "s"), c: float("all", 2) },
      body: ({ a, b, c }, dim) =>
        matmul(dim("t") === "t" ? concat([a, b], { axis: 1, dim: "all" }) : concat([a, b], { axis: 1 }), c),
    },
  ],
  split: [float, ...integers, bool].map((kind) => ({
    name: kind().dtype,
    inputs: { x: kind("b", 6, "t") },
    body: ({ x }) => split(x, [1, 3, 2], { axis: 1 }),
  })),
  slice: [
    ...[float, ...integers, bool].map((kind): Case => ({
      name: `fixed axis with a step, ${kind().dtype}`,
      inputs: { x: kind("b", 7, "t") },
      body: ({ x }) => slice(x, { axis: 1, start: 1, end: 6, step: 2 }),
    })),
    { name: "from the end", inputs: { x: float(7, "t") }, body: ({ x }) => slice(x, { axis: 0, start: -3, end: -1 }) },
    {
      name: "the last of a named axis",
      inputs: { x: float("b", "t", 2) },
      body: ({ x }) => slice(x, { axis: 1, start: -1 }),
    },
  ],
  pad: [float, ...integers, bool].flatMap((kind): Case[] => [
    {
      name: `both ends, ${kind().dtype}`,
      inputs: { x: kind("b", 3, "t") },
      body: ({ x }) => pad(x, { axis: 1, before: 2, after: 1 }),
    },
    {
      name: `a value, ${kind().dtype}`,
      inputs: { x: kind("b", 3, "t") },
      body: ({ x }) => pad(x, { axis: -2, before: 1, value: 1 }),
    },
  ]),
  iota: (["int32", "int64", "float32"] as const).map((dtype) => ({
    name: dtype,
    inputs: { x: float("b", "t") },
    body: ({ x }, dim) => [
      iota(dim("t"), dtype),
      iota(product([dim("b"), dim("t")]), dtype),
      iota(x.shape[1], dtype),
      iota(5, dtype),
    ],
  })),

  embedding: indexed((dtype) => ({
    inputs: { weight: float(7, 3), indices: integer(dtype, 0, 7)("b", "t") },
    body: ({ weight, indices }) => embedding(weight, indices),
  })),
  embeddingGrad: [
    ...indexed((dtype) => ({
      named: false,
      inputs: { weight: float(7, 3), indices: integer(dtype, 0, 7)("b", "t"), g: float("b", "t", 3) },
      body: ({ weight, indices, g }) => grad(sum(mul(embedding(weight, indices), g)), [weight]),
    })),
    ...indexed((dtype) => ({
      named: false,
      inputs: { weight: float(600, 3), indices: wide(dtype, "b", "t"), g: float("b", "t", 3) },
      body: ({ weight, indices, g }) => grad(sum(mul(embedding(weight, indices), g)), [weight]),
    })).map((one) => ({ ...one, name: `${one.name}, many rows` })),
  ],
  gather: indexed((dtype) => ({
    inputs: { x: float("b", 6, 2), indices: integer(dtype, 0, 6)("b", "t", 2) },
    body: ({ x, indices }) => gather(x, indices, { axis: 1 }),
  })),
  scatterAdd: indexed((dtype) => ({
    inputs: { x: float("b", "t", 2), indices: integer(dtype, 0, 6)("b", "t", 2) },
    body: ({ x, indices }) => scatterAdd(x, indices, { axis: 1, size: 6 }),
  })),
  oneHot: indexed((dtype) => ({
    inputs: { indices: integer(dtype, -4, 8)("b", "t") },
    body: ({ indices }) => oneHot(indices, 5),
  })),

  matmul: [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ].flatMap(([transposeA, transposeB]): Case[] => {
    const a: Shape = transposeA ? ["k", "m"] : ["m", "k"];
    const b: Shape = transposeB ? ["n", "k"] : ["k", "n"];
    const flags = `${transposeA ? "a" : ""}${transposeB ? "b" : ""}` || "none";
    const body: Case["body"] = ({ a, b }) => matmul(a, b, { transposeA, transposeB });
    return [
      { name: `matrices, transposed: ${flags}`, inputs: { a: float(...a), b: float(...b) }, body },
      { name: `batches, transposed: ${flags}`, inputs: { a: float("b", 2, ...a), b: float("b", 2, ...b) }, body },
      {
        name: `broadcasting batches, transposed: ${flags}`,
        inputs: { a: float("b", 1, ...a), b: float(2, ...b) },
        body,
      },
      { name: `a shared right side, transposed: ${flags}`, inputs: { a: float("b", 2, ...a), b: float(...b) }, body },
      { name: `a shared left side, transposed: ${flags}`, inputs: { a: float(...a), b: float("b", 2, ...b) }, body },
    ];
  }),
  linear: [
    {
      name: "with bias",
      inputs: { x: float("b", "t", 3), weight: float(5, 3), bias: float(5) },
      body: ({ x, weight, bias }) => linear(x, weight, bias),
    },
    {
      name: "without bias",
      inputs: { x: float("b", 3), weight: float(5, 3) },
      body: ({ x, weight }) => linear(x, weight),
    },
    {
      name: "a fixed weight",
      inputs: { x: float("b", "t", 3) },
      body: ({ x }) => linear(x, constant([1, -2, 3, 0.5, 0.25, -1], [2, 3]), constant([1, 2], [2])),
    },
    {
      name: "one vector",
      inputs: { x: float(3), weight: float(5, 3), bias: float(5) },
      body: ({ x, weight, bias }) => linear(x, weight, bias),
    },
  ],
  conv: convolutions((y) => [y]),
  convInputGrad: convolutions((y, x) => grad(sum(mul(y, y)), [x]), false),
  convWeightGrad: convolutions((y, _, weight) => grad(sum(mul(y, y)), [weight]), false),

  softmax: unary(softmax),
  logSoftmax: unary(logSoftmax),
  nll: indexed((dtype) => ({
    inputs: { logits: float("b", "t", 6), targets: integer(dtype, 0, 6)("b", "t") },
    body: ({ logits, targets }) => {
      const ignoring = nll(logits, targets, { ignoreIndex: 2 });
      return [nll(logits, targets, { ignoreIndex: undefined }).nll, ignoring.nll, ignoring.logProbs];
    },
  })).concat(
    indexed((dtype) => ({
      inputs: { logits: float("b", 4), targets: integer(dtype, -1, 4)("b") },
      body: ({ logits, targets }) => nll(logits, targets, { ignoreIndex: -1 }).nll,
    })).map((one) => ({ ...one, name: `ignoring -1, ${one.name}` })),
  ),
  layerNorm: [
    {
      name: "with bias",
      inputs: { x: float("b", "t", 6), weight: float(6), bias: float(6) },
      body: ({ x, weight, bias }) => layerNorm(x, weight, bias),
    },
    {
      name: "without bias",
      inputs: { x: float("b", 6), weight: float(6) },
      body: ({ x, weight }) => layerNorm(x, weight, undefined, { eps: 0.1 }),
    },
    {
      name: "a sum that goes on",
      inputs: { x: float("b", "t", 6), y: float("b", "t", 6), weight: float(6), bias: float(6) },
      body: ({ x, y, weight, bias }) => {
        const total = add(x, y);
        return [layerNorm(total, weight, bias, { eps: 0.1 }), mul(total, 2)];
      },
    },
    {
      name: "a sum, without bias",
      inputs: { x: float("b", "t", 6), y: float("b", "t", 6), weight: float(6) },
      body: ({ x, y, weight }) => layerNorm(add(x, y), weight),
    },
  ],
  rmsNorm: [
    {
      name: "default eps",
      inputs: { x: float("b", "t", 6), weight: float(6) },
      body: ({ x, weight }) => rmsNorm(x, weight),
    },
    {
      name: "large eps",
      inputs: { x: float("b", 6), weight: float(6) },
      body: ({ x, weight }) => rmsNorm(x, weight, { eps: 0.1 }),
    },
    {
      name: "a sum that goes on",
      inputs: { x: float("b", "t", 6), y: float("b", "t", 6), weight: float(6) },
      body: ({ x, y, weight }) => {
        const total = add(x, y);
        return [rmsNorm(total, weight, { eps: 0.1 }), mul(total, 2)];
      },
    },
    {
      name: "a sum of unequal shapes",
      inputs: { x: float("b", "t", 6), y: float("t", 6), weight: float(6) },
      body: ({ x, y, weight }) => rmsNorm(add(x, y), weight),
    },
    {
      name: "rows of a transpose",
      inputs: { x: float("b", "t", 2, 3), weight: float(3) },
      body: ({ x, weight }) => rmsNorm(transpose(x, [0, 2, 1, 3]), weight),
    },
    {
      name: "columns of a matrix",
      inputs: { x: float(3, "b"), weight: float(3) },
      body: ({ x, weight }) => rmsNorm(transpose(x, [1, 0]), weight),
    },
  ],
  gelu: [...unary((x) => gelu(x)), ...unary((x) => gelu(x, { approximate: "tanh" }))],
  silu: unary(silu),
  rotary: [
    {
      name: "all features, one angle for all texts",
      inputs: { x: float("b", 2, "t", 6), cos: float("t", 3), sin: float("t", 3) },
      body: ({ x, cos, sin }) => rotary(x, cos, sin),
    },
    {
      name: "some features, angles of each text",
      inputs: { x: float("b", 2, "t", 6), cos: float("b", 1, "t", 2), sin: float("b", 1, "t", 2) },
      body: ({ x, cos, sin }) => rotary(x, cos, sin),
    },
    {
      name: "heads side by side before and after",
      inputs: { x: float("b", "t", 8), cos: float("b", 1, "t", 2), sin: float("b", 1, "t", 2) },
      body: ({ x, cos, sin }, dim) => {
        const [B, T] = [dim("b"), dim("t")];
        const heads = transpose(reshape(x, [B, T, 2, 4]), [0, 2, 1, 3]);
        return reshape(transpose(rotary(heads, cos, sin), [0, 2, 1, 3]), [B, T, 8]);
      },
    },
    {
      name: "angles and heads that are parts of others",
      inputs: { x: float("b", "t", 8), cos: float("t", 3), sin: float("t", 3) },
      body: ({ x, cos, sin }, dim) => {
        const heads = transpose(reshape(x, [dim("b"), dim("t"), 1, 8]), [0, 2, 1, 3]);
        return rotary(heads, cos, sin);
      },
    },
  ],
  dropout: [
    {
      name: "mask",
      inputs: { x: float("b", "t"), mask: bool("b", "t") },
      body: ({ x, mask }) => dropout(x, mask, { keepProbability: 0.75 }),
    },
  ],
  scaledDotProductAttention: [
    { name: "plain", inputs: attention("t", "s"), body: (inputs) => attend(inputs, {}) },
    {
      name: "causal, square",
      inputs: attention("t", "t"),
      body: (inputs) => attend(inputs, { causal: true, scale: 0.3 }),
    },
    {
      name: "causal, rows that see nothing or more keys",
      inputs: attention("t", "s"),
      body: (inputs) => attend(inputs, { causal: true }),
    },
    {
      name: "masked, some rows wholly",
      inputs: { ...attention("t", "s"), mask: bool("b", 1, "t", "s") },
      body: (inputs) => attend(inputs, { mask: inputs.mask }),
    },
    {
      name: "causal and a padding mask",
      inputs: { ...attention("t", "t"), mask: bool("b", 1, 1, "t") },
      body: (inputs) => attend(inputs, { causal: true, mask: inputs.mask }),
    },
    {
      name: "output alone, masked",
      inputs: { ...attention("t", "s"), mask: bool("t", "s") },
      body: (inputs) => attend(inputs, { mask: inputs.mask })[0],
    },
    {
      name: "dropout",
      inputs: { ...attention("t", "t"), dropped: bool("b", 2, "t", "t") },
      body: (inputs) => attend(inputs, { causal: true, dropout: { mask: inputs.dropped, keepProbability: 0.5 } }),
    },
    {
      name: "mask and dropout",
      inputs: { ...attention("t", "s"), mask: bool("b", 2, "t", "s"), dropped: bool("b", 2, "t", "s") },
      body: (inputs) => attend(inputs, { mask: inputs.mask, dropout: { mask: inputs.dropped, keepProbability: 0.5 } }),
    },
    {
      name: "two heads of queries to one of keys",
      inputs: grouped("t", "s"),
      body: (inputs) => attend(inputs, { causal: true }),
    },
    {
      name: "one head of keys for all, masked, with dropout",
      inputs: {
        q: float("b", 4, "t", 4),
        k: float("b", 1, "s", 4),
        v: float("b", 1, "s", 3),
        mask: bool("b", 1, 1, "s"),
        dropped: bool("b", 4, "t", "s"),
      },
      body: (inputs) => attend(inputs, { mask: inputs.mask, dropout: { mask: inputs.dropped, keepProbability: 0.5 } }),
    },
    {
      name: "a bias for each head",
      inputs: { ...attention("t", "s"), bias: float(2, "t", "s") },
      body: (inputs) => attend(inputs, { bias: inputs.bias }),
    },
    {
      name: "a bias for each key, in groups",
      inputs: { ...grouped("t", "t"), bias: float("b", 1, 1, "t") },
      body: (inputs) => attend(inputs, { bias: inputs.bias, causal: true }),
    },
    {
      name: "a soft cap",
      inputs: attention("t", "s"),
      body: (inputs) => attend(inputs, { softCap: 0.75, scale: 0.5 }),
    },
    {
      name: "sinks, some rows with nothing else",
      inputs: { ...attention("t", "s"), mask: bool("b", 1, "t", "s"), sinks: float(2) },
      body: (inputs) => attend(inputs, { sinks: inputs.sinks, mask: inputs.mask }),
    },
    {
      name: "a causal window",
      inputs: attention("t", "s"),
      sizes: { t: 5, s: 7 },
      body: (inputs) => attend(inputs, { causal: true, window: 2 }),
    },
    {
      name: "a window to both sides, some rows that see nothing",
      inputs: attention("t", "s"),
      sizes: { t: 6, s: 4 },
      body: (inputs) => attend(inputs, { window: 2 }),
    },
    {
      name: "groups, mask, bias, soft cap, sinks, window and dropout",
      inputs: {
        ...grouped("t", "s"),
        mask: bool("b", 1, 1, "s"),
        bias: float(4, 1, "s"),
        sinks: float(4),
        dropped: bool("b", 4, "t", "s"),
      },
      body: ({ mask, bias, sinks, dropped, ...inputs }) =>
        attend(inputs, {
          causal: true,
          window: 3,
          softCap: 1.5,
          mask,
          bias,
          sinks,
          dropout: { mask: dropped, keepProbability: 0.5 },
        }),
    },
    {
      name: "causal over a cache",
      inputs: { q: float("b", 2, "t", 4), past: float("b", 2, "s", 4), fresh: float("b", 2, "t", 4) },
      body: ({ q, past, fresh }, dim) => {
        const keys =
          dim("t") === "t" ? concat([past, fresh], { axis: 2, dim: "all" }) : concat([past, fresh], { axis: 2 });
        return scaledDotProductAttention(q, keys, keys, { causal: true }).output;
      },
    },
  ],
};
