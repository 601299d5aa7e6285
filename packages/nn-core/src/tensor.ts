/**
 * Symbolic tensors and the graph they form.
 *
 * A `Tensor` is a promise of a value: its shape, its dtype, and where the value comes from: a leaf (an input, a parameter, a
 * constant) or an output of a `Node`, which is one application of an op. Nothing is computed until an engine runs
 * the graph. Tensors are immutable and point only at what they were made from, so a graph needs no global state.
 */

import type { DType, TypedArray } from "./dtype.ts";
import type { OpAttributes, OpName } from "./opAttributes.ts";
import type { OpDefinition } from "./op.ts";
import type { Parameter } from "./parameter.ts";
import { checkShape, type Shape } from "./shape.ts";

/** Shape and element type. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One application of an op. */
export interface Node<K extends OpName = OpName> {
  readonly op: OpDefinition<K>;
  readonly attributes: OpAttributes[K];
  readonly inputs: readonly Tensor[];
  /** What its VJP gives gradients by: the inputs, but for `withGradient`. */
  readonly differentiable: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** The node that this one was made for; absent where a trace asked for it. */
  readonly origin?: NodeOrigin;
}

/** What a node was made for: to be part of the gradient of `node`, or to stand in its place. */
export interface NodeOrigin {
  readonly kind: "gradient" | "rewrite";
  readonly node: Node;
}

/** Where a tensor's value comes from. */
export type Source =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "parameter"; readonly parameter: Parameter }
  | {
      readonly kind: "constant";
      readonly data: TypedArray;
      /** The number that fills a float32 constant, where it was given as one: `data` holds it rounded. */
      readonly exact?: number;
    }
  | { readonly kind: "node"; readonly node: Node; readonly index: number };

// A registered symbol, not instanceof: two copies of this package may meet in one program.
const brand = Symbol.for("@llm-learning/nn-core/Tensor");

/** A symbolic value of known shape and dtype. */
export class Tensor implements TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly source: Source;

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  constructor(type: TensorType, source: Source) {
    checkShape("Tensor", type.shape);
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.source = source;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }
}

/** Whether `value` is a Tensor, also of another copy of this package. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && brand in value;
}

/** A value given at each run: `input("inputIds", ["batch_size", 64], "int32")`. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return new Tensor({ shape, dtype }, { kind: "input", name });
}
