/**
 * The table of ops: every op's name and its attributes.
 *
 * This is the list that engines lower: their tables are typed over `OpName`, so an op added here without a lowering
 * does not compile. Definitions (shape inference and VJP) are in `ops/`.
 */

import type { DType } from "./dtype.ts";
import type { AttentionOperand } from "./ops/attentionOperands.ts";
import type { Dim, Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Ops that take no attributes. */
export type None = Readonly<Record<never, never>>;

/** Attributes of a reduction. */
export interface Reduction {
  /** Ascending, non-negative, without repeats. */
  readonly axes: readonly number[];
  /** Keep reduced axes as size 1. */
  readonly keepDims: boolean;
}

/** Geometry of a convolution. */
export interface Convolution {
  /** Step between outputs, per spatial axis. */
  readonly stride: readonly number[];
  /** Zeros added before and after, per spatial axis. */
  readonly padding: readonly (readonly [before: number, after: number])[];
  /** Step between kernel taps, per spatial axis. */
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** What a tapped value is: a non-linearity's output, a stream, scores, or anything else. */
export type TapKind =
  | "activation"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "gelu"
  | "residual"
  | "logits"
  | "attention"
  | "query"
  | "key";

/** Attributes of every op, by its name. */
export interface OpAttributes {
  // Elementwise, two operands, broadcasting
  add: None;
  sub: None;
  mul: None;
  div: None;
  pow: None;
  maximum: None;
  minimum: None;
  equal: None;
  less: None;
  lessEqual: None;
  logicalAnd: None;
  logicalOr: None;

  // Elementwise, one operand
  neg: None;
  abs: None;
  sign: None;
  exp: None;
  log: None;
  sqrt: None;
  reciprocal: None;
  sin: None;
  cos: None;
  erf: None;
  tanh: None;
  sigmoid: None;
  relu: None;
  logicalNot: None;
  cast: { readonly dtype: DType };

  /** Identity; undefined `value`: the operand is what is watched. */
  barrier: None;
  tap: { readonly name: string; readonly kind: TapKind; readonly value: Tensor | undefined };

  // Selection: condition ? a : b, broadcasting
  where: None;

  // Reductions
  sum: Reduction;
  mean: Reduction;
  max: Reduction;
  min: Reduction;
  /** Mean, std, min, max, NaN count and infinity count of all elements. */
  moments: None;

  // Shape
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  broadcastTo: { readonly shape: Shape };
  concat: { readonly axis: number; /** Size of the joined axis in the result. */ readonly dim: Dim };
  split: { readonly axis: number; readonly sizes: readonly number[] };
  /** One axis; `end` undefined means to the end; a negative `start` counts from the end. */
  slice: { readonly axis: number; readonly start: number; readonly end: number | undefined; readonly step: number };
  pad: { readonly axis: number; readonly before: number; readonly after: number; readonly value: number };
  /** 0, 1, ..., dim - 1 */
  iota: { readonly dim: Dim; readonly dtype: "int32" | "int64" | "float32" };

  // Indexing
  embedding: None;
  embeddingGrad: { readonly numEmbeddings: number };
  gather: { readonly axis: number };
  scatterAdd: { readonly axis: number; readonly size: number };
  oneHot: { readonly depth: number };

  // Linear algebra
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  linear: None;
  conv: Convolution;
  convInputGrad: Convolution & { readonly inputSize: readonly number[] };
  convWeightGrad: Convolution & { readonly kernelSize: readonly number[] };

  // Fused: one kernel where an engine has one; each has a decomposition that the tests compare it with
  softmax: None;
  logSoftmax: None;
  /** Undefined `ignoreIndex`: every target counts. */
  nll: { readonly ignoreIndex: number | undefined };
  layerNorm: { readonly eps: number };
  rmsNorm: { readonly eps: number };
  gelu: { readonly approximate: "tanh" | "none" };
  silu: None;
  rotary: None;
  dropout: { readonly keepProbability: number };
  scaledDotProductAttention: {
    readonly causal: boolean;
    /** Undefined: keys at any distance. */
    readonly window: number | undefined;
    readonly scale: number;
    /** Undefined: scores as they are. */
    readonly softCap: number | undefined;
    /** What the inputs behind queries, keys and values are. */
    readonly operands: readonly AttentionOperand[];
    /** Of dropout. */
    readonly keepProbability: number | undefined;
  };
}

/** Name of an op. */
export type OpName = keyof OpAttributes;
