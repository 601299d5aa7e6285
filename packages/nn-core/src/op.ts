/**
 * What an op is: a name, shape and dtype inference, and a vector-Jacobian product written in other ops.
 */

import { constant } from "./constant.ts";
import type { DType } from "./dtype.ts";
import type { OpAttributes, OpName } from "./opAttributes.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import { isTensor, type Node, type NodeOrigin, Tensor, type TensorType } from "./tensor.ts";

/** What a VJP is given. */
export interface VjpContext<K extends OpName> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: OpAttributes[K];
  /** Gradient of the loss by each output, of that output's shape; undefined where the loss does not depend on it. */
  readonly cotangents: readonly (Tensor | undefined)[];
  /** Whether the gradient by input `index` is wanted; a VJP need not build what is not. */
  needs(index: number): boolean;
}

/** One op: what it makes of its operands, and its gradient. */
export interface OpDefinition<K extends OpName> {
  readonly name: K;
  /**
   * Types of the outputs.
   *
   * @throws RangeError for shapes that do not fit, TypeError for dtypes that do not.
   */
  infer(inputs: readonly Tensor[], attributes: OpAttributes[K]): readonly TensorType[];
  /** Gradient by each input, of that input's shape; undefined for inputs that have none. Absent: not differentiable. */
  vjp?(context: VjpContext<K>): readonly (Tensor | undefined)[];
}

/**
 * Applies an op; `attributes` are not copied and must not be changed afterwards.
 *
 * @param differentiable - What the VJP gives gradients by. @defaultValue `inputs`
 */
export function apply<K extends OpName>(
  op: OpDefinition<K>,
  inputs: readonly Tensor[],
  attributes: OpAttributes[K],
  differentiable: readonly Tensor[] = inputs,
): readonly Tensor[] {
  const types = op.infer(inputs, attributes);
  const outputs: Tensor[] = [];
  const node: Node<K> = { op, attributes, inputs, differentiable, outputs, ...(origin && { origin }) };
  // A Node<K> is used as a Node of some op: the table types of engines pair each name with its own attributes again.
  const source = node as unknown as Node;
  types.forEach((type, index) => outputs.push(new Tensor(type, { kind: "node", node: source, index })));
  return outputs;
}

let origin: NodeOrigin | undefined;

/** What `make` returns; the nodes that it makes say what they were made for. */
export function withOrigin<T>(made: NodeOrigin, make: () => T): T {
  const outer = origin;
  origin = made;
  try {
    return make();
  } finally {
    origin = outer;
  }
}

/** What functions over tensors accept: a tensor, a parameter, or a number that becomes a scalar constant. */
export type Operand = Tensor | Parameter | number;

/** The tensor an operand stands for. */
export function toTensor(operand: Operand, dtype: DType = "float32"): Tensor {
  if (typeof operand === "number") return constant(operand, [], dtype);
  if (isParameter(operand)) return operand.tensor;
  if (isTensor(operand)) return operand;
  throw new TypeError(`toTensor: expected a Tensor, a Parameter or a number, got ${typeof operand}`);
}
