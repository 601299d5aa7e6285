/**
 * Names for values inside a graph, so that diagnostics can find them.
 *
 * A model names what is worth watching where it computes it; whoever watches asks `taps` for the names that lead to a loss. A tap
 * computes nothing: engines pass the value on, and an exported model holds no trace of it.
 */

import { topologicalOrder } from "../graph.ts";
import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { TapKind } from "../opAttributes.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const tapOp: OpDefinition<"tap"> = {
  name: "tap",
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  vjp: ({ cotangents: [g] }) => [g],
};

/** What a tap says of its value. */
export interface TapOptions {
  /** What the value is, which decides what is sick about it. @defaultValue "activation" */
  kind?: TapKind;
  /**
   * What is watched where it is not the tensor itself: a by-product that nothing reads, such as the probabilities of attention beside
   * its output. @defaultValue the tensor
   */
  value?: Tensor;
}

/** A named value of a graph. */
export interface Tap {
  readonly name: string;
  readonly kind: TapKind;
  /** What is watched. */
  readonly value: Tensor;
  /** The tensor that the rest of the graph is computed from: `grad(loss, [tensor])` is the gradient that arrives at it. */
  readonly tensor: Tensor;
}

/**
 * `tensor` itself, under a name: go on computing with what is returned.
 *
 * @param name - A dotted path, as parameters have: `blocks.0.mlp.hidden`.
 * @throws RangeError if the name is empty.
 *
 * @example
 * ```ts
 * const hidden = tap(tanh(layer.forward(x)), "hidden", { kind: "tanh" });
 * ```
 */
export function tap(tensor: Operand, name: string, options: TapOptions = {}): Tensor {
  const { kind = "activation", value } = options;
  if (name === "") throw new RangeError('tap: expected a name, got ""');
  return apply(tapOp, [toTensor(tensor)], { name, kind, value })[0];
}

/**
 * The taps that `tensors` are computed through, by name, in the order of computation.
 *
 * @throws Error if a name is used twice: for two values, or for one that was tapped twice.
 */
export function taps(tensors: readonly Tensor[]): Map<string, Tap> {
  const found = new Map<string, Tap>();
  for (const { op, attributes, inputs, outputs } of topologicalOrder(tensors)) {
    if (op.name !== "tap") continue;
    const { name, kind, value = inputs[0] } = attributes as { name: string; kind: TapKind; value?: Tensor };
    const known = found.get(name);
    if (known !== undefined) throw new Error(`taps: expected each name once, got ${twice(known, value)}`);
    found.set(name, { name, kind, value, tensor: outputs[0] });
  }
  return found;
}

/** Why a second use of a name is wrong: of one value, each tap would have a part of the gradient. */
function twice({ name, value: known }: Tap, value: Tensor): string {
  if (known === value) return `one value tapped twice as "${name}": go on with what the first tap returned`;
  const shapes = sameShape(known.shape, value.shape) ? "of the same shape" : "of other shapes";
  return `two values ${shapes} named "${name}": rename one of them`;
}
