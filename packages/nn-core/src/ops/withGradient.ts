/**
 * Values with a gradient of their own.
 *
 * The gradient of a composition of ops is the composition of theirs, and keeps whatever they need of the forward pass. Where a better
 * one is known (one that computes a part again instead of keeping it, one that is stable, or one that is wrong on purpose, as a
 * straight-through estimator's is) a value can be given it.
 */

import { apply, type OpDefinition } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Gradients of a loss by each of the tensors that a value was said to depend on.
 *
 * @param cotangent - Gradient of the loss by the value, of its shape.
 * @param needs - Whether the gradient by tensor `index` is wanted.
 * @returns of the shapes of those tensors; undefined for one that has none.
 */
export type ValueGradient = (cotangent: Tensor, needs: (index: number) => boolean) => readonly (Tensor | undefined)[];

/**
 * `value` itself, whose gradient is `gradient` from here on, whatever it is computed from.
 *
 * Where `grad` asks for it, a gradient of another shape or one too many is a RangeError.
 *
 * @param by - The float32 tensors that gradients flow to. One that `value` is computed from and that is not among them gets none.
 *
 * @example
 * ```ts
 * // Rounded in the forward pass, the identity in the backward pass.
 * const straightThrough = withGradient(round(x), [x], (cotangent) => [cotangent]);
 * ```
 */
export function withGradient(value: Tensor, by: readonly Tensor[], gradient: ValueGradient): Tensor {
  // A reshape to the shape it has: every engine passes the value on.
  const op: OpDefinition<"reshape"> = {
    name: "reshape",
    infer: () => [{ shape: value.shape, dtype: value.dtype }],
    vjp: ({ cotangents: [cotangent], needs }) => checked(gradient(cotangent!, needs), by),
  };
  return apply(op, [value], { shape: value.shape }, by)[0];
}

function checked(gradients: readonly (Tensor | undefined)[], by: readonly Tensor[]): readonly (Tensor | undefined)[] {
  for (const [index, gradient] of gradients.entries()) {
    if (gradient === undefined || (index < by.length && sameShape(gradient.shape, by[index].shape))) continue;
    const wanted = index < by.length ? `of shape ${formatShape(by[index].shape)}` : "not to be there";
    throw new RangeError(
      `withGradient: expected gradient ${index} of ${by.length} ${wanted}, got ${formatShape(gradient.shape)}`,
    );
  }
  return gradients;
}
