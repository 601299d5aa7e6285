/**
 * For every op, functions whose graph contains it and whose gradients are to be checked, on random shapes.
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
  type ConvOptions,
  cos,
  div,
  dropout,
  embedding,
  equal,
  erf,
  exp,
  expandDims,
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
  reciprocal,
  relu,
  reshape,
  rmsNorm,
  rotary,
  scaledDotProductAttention,
  scatterAdd,
  sigmoid,
  sign,
  silu,
  sin,
  slice,
  softmax,
  split,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  tap,
  type Tensor,
  transpose,
  where,
  zeros,
} from "@llm-learning/nn-core";
import type { Draw, Operand } from "./draw.ts";

type TensorFunction = (...operands: Tensor[]) => Tensor | readonly Tensor[];

export interface GradientCase {
  readonly operands: readonly Operand[];
  readonly apply: TensorFunction;
  /** The same function in primitive ops, for fused ops. */
  readonly decomposition?: TensorFunction;
  /** The function is constant almost everywhere: its gradient must be the constant 0. */
  readonly flat?: boolean;
}

type Drawn = (draw: Draw) => GradientCase;

const LAST = { axes: -1, keepDims: true } as const;

export const gradientCases: { readonly [K in OpName]: Drawn } = {
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div, "nonZero"),
  pow: binary(pow, "positive"),
  maximum: binary(maximum),
  minimum: binary(minimum),

  equal: flat((a, b) => cast(equal(a, b), "float32")),
  less: flat((a, b) => cast(less(a, b), "float32")),
  lessEqual: flat((a, b) => cast(lessEqual(a, b), "float32")),
  logicalAnd: flat((a, b) => cast(logicalAnd(less(a, 0), less(b, 0)), "float32")),
  logicalOr: flat((a, b) => cast(logicalOr(less(a, 0), less(b, 0)), "float32")),
  logicalNot: flat((a) => cast(logicalNot(less(a, 0)), "float32")),
  sign: flat((a) => sign(a)),
  cast: flat((a) => cast(cast(a, "int32"), "float32")),
  oneHot: flat((a) => oneHot(cast(abs(a), "int32"), 2)),
  moments: flat((a) => moments(add(sign(a), constant([1, 2], [2, 1, 1, 1])))),
  iota: flat(() => iota(3, "float32")),

  neg: unary(neg),
  abs: unary(abs, "nonZero"),
  exp: unary(exp),
  log: unary(log, "positive"),
  sqrt: unary(sqrt, "positive"),
  reciprocal: unary(reciprocal, "nonZero"),
  sin: unary(sin),
  cos: unary(cos),
  erf: unary(erf),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  relu: unary(relu, "nonZero"),
  tap: unary((x) => tap(x, "x")),
  barrier: unary((x) => barrier(mul(x, x), [x])),

  where: (draw) => {
    const shape = draw.shape(3);
    const condition = draw.mask(draw.broadcastable(shape));
    return {
      operands: [draw.normal(draw.broadcastable(shape)), draw.normal(draw.broadcastable(shape))],
      apply: (a, b) => where(condition, a, b),
    };
  },

  sum: reduction(sum),
  mean: reduction(mean),
  max: reduction(max),
  min: reduction(min),

  reshape: (draw) => {
    const shape = draw.shape(3);
    return { operands: [draw.normal(shape)], apply: (x) => reshape(x, [shape[2], 1, -1]) };
  },
  transpose: (draw) => {
    const permutation = [
      [1, 0, 2],
      [2, 0, 1],
      [1, 2, 0],
      [2, 1, 0],
    ][draw.integer(0, 3)];
    return { operands: [draw.normal(draw.shape(3))], apply: (x) => transpose(x, permutation) };
  },
  broadcastTo: (draw) => {
    const shape = [2, ...draw.shape(2)];
    return { operands: [draw.normal(draw.broadcastable(shape.slice(1)))], apply: (x) => broadcastTo(x, shape) };
  },
  concat: (draw) => {
    const axis = draw.integer(0, 2);
    const shape = draw.shape(3);
    const part = (): Operand => draw.normal(shape.with(axis, draw.integer(1, 3)));
    return { operands: [part(), part()], apply: (a, b) => concat([a, b, a], { axis }) };
  },
  split: (draw) => {
    const axis = draw.integer(0, 2);
    const sizes = [draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 3)];
    const shape = draw.shape(3).with(axis, sizes[0] + sizes[1] + sizes[2]);
    const used = draw.integer(1, 3);
    return { operands: [draw.normal(shape)], apply: (x) => split(x, sizes, { axis }).slice(0, used) };
  },
  slice: (draw) => {
    const axis = draw.integer(0, 2);
    const start = draw.integer(0, 2);
    const range = { axis, start, end: start + draw.integer(1, 4), step: draw.integer(1, 3) };
    return { operands: [draw.normal(draw.shape(3).with(axis, 7))], apply: (x) => slice(x, range) };
  },
  pad: (draw) => {
    const options = { axis: draw.integer(0, 2), before: draw.integer(0, 2), after: draw.integer(1, 2), value: 0.5 };
    return { operands: [draw.normal(draw.shape(3))], apply: (x) => pad(x, options) };
  },

  embedding: (draw) => {
    const indices = draw.indices(draw.shape(2), 3);
    return {
      operands: [draw.normal([3, 2])],
      apply: (weight) => embedding(weight, indices),
      decomposition: (weight) => matmul(oneHot(indices, 3), weight),
    };
  },
  embeddingGrad: (draw) => {
    const shape = draw.shape(2);
    const indices = draw.indices(shape, 3);
    return {
      operands: [draw.normal([...shape, 2])],
      apply: (g) => gradientAt(zeros([3, 2]), (weight) => mul(embedding(weight, indices), g)),
    };
  },
  gather: (draw) => {
    const axis = draw.integer(0, 2);
    const shape = draw.shape(3);
    const indices = draw.indices(shape.with(axis, 4), shape[axis]);
    return { operands: [draw.normal(shape)], apply: (x) => gather(x, indices, { axis }) };
  },
  scatterAdd: (draw) => {
    const axis = draw.integer(0, 2);
    const shape = draw.shape(3);
    const indices = draw.indices(shape, 4);
    return { operands: [draw.normal(shape)], apply: (g) => scatterAdd(g, indices, { axis, size: 4 }) };
  },

  matmul: (draw) => {
    const [M, K, N] = draw.shape(3);
    const batch = draw.shape(2);
    const [transposeA, transposeB] = [draw.boolean(), draw.boolean()];
    const a = [...draw.broadcastable(batch), ...(transposeA ? [K, M] : [M, K])];
    const b = [...draw.broadcastable(batch), ...(transposeB ? [N, K] : [K, N])];
    return { operands: [draw.normal(a), draw.normal(b)], apply: (x, y) => matmul(x, y, { transposeA, transposeB }) };
  },
  linear: (draw) => {
    const [inFeatures, outFeatures] = draw.shape(2);
    const x = draw.normal([...draw.shape(draw.integer(0, 2)), inFeatures]);
    const bias = draw.boolean() ? [draw.normal([outFeatures])] : [];
    return {
      operands: [x, draw.normal([outFeatures, inFeatures]), ...bias],
      apply: (...operands) => linear(operands[0], operands[1], operands[2]),
      decomposition: (input, weight, offset) => {
        const product = squeezeRow(matmul(expandDims(input, -2), weight, { transposeB: true }));
        return offset === undefined ? product : add(product, offset);
      },
    };
  },
  conv: (draw) => {
    const { x, weight, convolve } = convolution(draw);
    return { operands: [draw.normal(x), draw.normal(weight)], apply: convolve };
  },
  convInputGrad: (draw) => {
    const { x, weight, y, convolve } = convolution(draw);
    return {
      operands: [draw.normal(y), draw.normal(weight)],
      apply: (g, w) => gradientAt(zeros(x), (input) => mul(convolve(input, w), g)),
    };
  },
  convWeightGrad: (draw) => {
    const { x, weight, y, convolve } = convolution(draw);
    return {
      operands: [draw.normal(x), draw.normal(y)],
      apply: (input, g) => gradientAt(zeros(weight), (w) => mul(convolve(input, w), g)),
    };
  },

  softmax: fusedUnary(softmax, (x) => {
    const power = exp(sub(x, max(x, LAST)));
    return div(power, sum(power, LAST));
  }),
  logSoftmax: fusedUnary(logSoftmax, (x) => sub(x, log(sum(exp(x), LAST)))),
  nll: (draw) => {
    const shape = draw.shape(2);
    const V = draw.integer(2, 4);
    const targets = draw.indices(shape, V);
    // The class 0 is the one to ignore, so that some cases ignore some targets.
    const counted = cast(logicalNot(equal(targets, 0)), "float32");
    return {
      operands: [draw.normal([...shape, V])],
      apply: (logits) => Object.values(nll(logits, targets, { ignoreIndex: 0 })),
      decomposition: (logits) => {
        const logProbs = sub(logits, log(sum(exp(logits), LAST)));
        return [neg(mul(counted, sum(mul(logProbs, oneHot(targets, V)), { axes: -1 }))), logProbs];
      },
    };
  },
  layerNorm: (draw) => {
    const C = draw.integer(2, 4);
    const bias = draw.boolean() ? [draw.normal([C])] : [];
    return {
      operands: [draw.normal([...draw.shape(2), C]), draw.normal([C]), ...bias],
      apply: (...operands) => layerNorm(operands[0], operands[1], operands[2], { eps: 0.25 }),
      decomposition: (x, weight, offset) => {
        const centred = sub(x, mean(x, LAST));
        const y = mul(div(centred, sqrt(add(mean(square(centred), LAST), 0.25))), weight);
        return offset === undefined ? y : add(y, offset);
      },
    };
  },
  rmsNorm: (draw) => {
    const C = draw.integer(1, 4);
    return {
      operands: [draw.normal([...draw.shape(2), C]), draw.normal([C])],
      apply: (x, weight) => rmsNorm(x, weight, { eps: 0.25 }),
      decomposition: (x, weight) => mul(div(x, sqrt(add(mean(square(x), LAST), 0.25))), weight),
    };
  },
  gelu: (draw) => {
    const exact = fusedUnary(
      (x) => gelu(x),
      (x) => mul(mul(0.5, x), add(1, erf(mul(x, Math.SQRT1_2)))),
    );
    const approximate = fusedUnary(
      (x) => gelu(x, { approximate: "tanh" }),
      (x) => mul(mul(0.5, x), add(1, tanh(mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, square(x)))))))),
    );
    return (draw.boolean() ? exact : approximate)(draw);
  },
  silu: fusedUnary(silu, (x) => div(x, add(1, exp(neg(x))))),
  rotary: (draw) => {
    const [B, H, T] = draw.shape(3);
    const half = draw.integer(1, 2);
    const rest = draw.integer(0, 1);
    const angles = draw.boolean() ? [T, half] : [B, 1, T, half];
    return {
      operands: [draw.normal([B, H, T, 2 * half + rest]), draw.normal(angles), draw.normal(angles)],
      apply: rotary,
      decomposition: (x, cosine, sine) => {
        const [a, b, ...others] = split(x, [half, half, ...(rest > 0 ? [rest] : [])], { axis: -1 });
        const turned = [sub(mul(a, cosine), mul(b, sine)), add(mul(b, cosine), mul(a, sine))];
        return concat([...turned, ...others], { axis: -1 });
      },
    };
  },
  dropout: (draw) => {
    const shape = draw.shape(3);
    const mask = draw.mask(shape);
    return {
      operands: [draw.normal(shape)],
      apply: (x) => dropout(x, mask, { keepProbability: 0.75 }),
      decomposition: (x) => div(where(mask, x, 0), 0.75),
    };
  },
  scaledDotProductAttention: (draw) => {
    const [B, Hkv, D, Dv] = draw.shape(4);
    const H = Hkv * draw.integer(1, 2);
    const [Tq, Tk] = [draw.integer(1, 4), draw.integer(1, 4)];
    const scores = [B, H, Tq, Tk];
    const maybe = <T>(value: () => T): T | undefined => (draw.boolean() ? value() : undefined);
    const causal = draw.boolean();
    const mask = maybe(() => draw.mask(draw.broadcastable(scores)));
    const dropped = maybe(() => ({ mask: draw.mask(scores), keepProbability: 0.5 }));
    const window = maybe(() => draw.integer(1, 3));
    const softCap = maybe(() => 0.5 + draw.integer(1, 3));
    const bias = maybe(() => draw.normal(draw.broadcastable(scores)));
    const sinks = maybe(() => draw.normal([H]));
    const chunk = maybe(() => draw.integer(1, 3));
    const options = {
      causal,
      scale: 0.5,
      ...(window !== undefined && { window }),
      ...(softCap !== undefined && { softCap }),
      ...(mask && { mask }),
      ...(dropped && { dropout: dropped }),
      ...(chunk !== undefined && { chunk }),
    };
    const optional = (operands: readonly Tensor[]): { bias?: Tensor; sinks?: Tensor } => ({
      ...(bias && { bias: operands[0] }),
      ...(sinks && { sinks: operands[bias ? 1 : 0] }),
    });
    const ahead = sub(iota(Tk), add(expandDims(iota(Tq), 1), constant(Tk - Tq, [], "int32"))); // [Tq, Tk]
    return {
      operands: [
        draw.normal([B, H, Tq, D]),
        draw.normal([B, Hkv, Tk, D]),
        draw.normal([B, Hkv, Tk, Dv]),
        ...[bias, sinks].flatMap((operand) => operand ?? []),
      ],
      apply: (q, k, v, ...others) =>
        Object.values(scaledDotProductAttention(q, k, v, { ...options, ...optional(others) })),
      decomposition: (q, k, v, ...others) => {
        const { bias: offset, sinks: sink } = optional(others);
        let allowed = constant(new Uint8Array(Tq * Tk).fill(1), [Tq, Tk]);
        if (causal) allowed = lessEqual(ahead, 0);
        if (window !== undefined) allowed = logicalAnd(allowed, less(abs(ahead), window));
        if (mask !== undefined) allowed = logicalAnd(allowed, mask);
        const everyHead = (x: Tensor): Tensor => {
          const [, , rows, width] = x.shape;
          const repeated = broadcastTo(expandDims(x, 2), [B, Hkv, H / Hkv, rows, width]);
          return reshape(repeated, [B, H, rows, width]);
        };
        let logits = mul(0.5, matmul(q, everyHead(k), { transposeB: true }));
        if (softCap !== undefined) logits = mul(softCap, tanh(div(logits, softCap)));
        if (offset !== undefined) logits = add(logits, offset);
        const weights = mul(exp(logits), cast(allowed, "float32")); // no shift: the scores are small
        const keys = sum(weights, LAST);
        const total = sink === undefined ? keys : add(keys, reshape(exp(sink), [1, H, 1, 1]));
        // A row with nothing allowed sums to 0; dividing it by 1 keeps it 0.
        const probabilities = div(weights, where(equal(total, 0), 1, total));
        const kept = dropped === undefined ? probabilities : div(where(dropped.mask, probabilities, 0), 0.5);
        return [matmul(kept, everyHead(v)), probabilities];
      },
    };
  },
};

function unary(f: (x: Tensor) => Tensor, domain: "normal" | "positive" | "nonZero" = "normal"): Drawn {
  return (draw) => ({ operands: [draw[domain](draw.shape(draw.integer(0, 3)))], apply: f });
}

function fusedUnary(f: (x: Tensor) => Tensor, decomposition: (x: Tensor) => Tensor): Drawn {
  return (draw) => ({
    ...unary(f)(draw),
    operands: [draw.normal([...draw.shape(2), draw.integer(1, 4)])],
    decomposition,
  });
}

function binary(f: (a: Tensor, b: Tensor) => Tensor, domain: "normal" | "positive" | "nonZero" = "normal"): Drawn {
  return (draw) => {
    const shape = draw.shape(3);
    return { operands: [draw[domain](draw.broadcastable(shape)), draw[domain](draw.broadcastable(shape))], apply: f };
  };
}

function flat(f: (a: Tensor, b: Tensor) => Tensor): Drawn {
  return (draw) => ({ ...binary(f, "nonZero")(draw), flat: true });
}

function reduction(f: (x: Tensor, options: { axes: number[]; keepDims: boolean }) => Tensor): Drawn {
  return (draw) => {
    const axes = [0, 1, 2].filter(() => draw.boolean());
    const options = { axes: axes.length === 0 ? [1] : axes, keepDims: draw.boolean() };
    return { operands: [draw.normal(draw.shape(3))], apply: (x) => f(x, options) };
  };
}

/** A random convolution: shapes of its input, weight and output, and the function. */
function convolution(draw: Draw): {
  x: number[];
  weight: number[];
  y: readonly number[];
  convolve: (x: Tensor, weight: Tensor) => Tensor;
} {
  const spatial = draw.integer(1, 2);
  const each = <T>(value: () => T): T[] => Array.from({ length: spatial }, value);
  const groups = draw.integer(1, 2);
  const options: ConvOptions = {
    stride: each(() => draw.integer(1, 3)),
    dilation: each(() => draw.integer(1, 2)),
    padding: each(() => [draw.integer(0, 2), draw.integer(0, 2)] as const),
    groups,
  };
  const groupIn = draw.integer(1, 2);
  const x = [draw.integer(1, 2), ...each(() => draw.integer(4, 5)), groupIn * groups];
  const weight = [groups * draw.integer(1, 2), ...each(() => draw.integer(1, 2)), groupIn];
  const convolve = (input: Tensor, kernel: Tensor): Tensor =>
    (spatial === 1 ? conv1d : conv2d)(input, kernel, undefined, options);
  const y = convolve(zeros(x), zeros(weight)).shape as readonly number[];
  return { x, weight, y, convolve };
}

/** The gradient of `sum(f(at))`: the way to ops that only gradients use. */
function gradientAt(at: Tensor, f: (at: Tensor) => Tensor): Tensor {
  return grad(sum(f(at)), [at])[0];
}

function squeezeRow(x: Tensor): Tensor {
  return reshape(x, x.shape.toSpliced(-2, 1));
}
