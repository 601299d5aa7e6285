/**
 * Shares of a layer that do not learn: elements where the non-linearity is flat, and units that are so for every example.
 */

import { abs, cast, greater, lessEqual, max, mean, min, sub, type TapKind, type Tensor } from "@llm-learning/nn-core";

/** Beyond this a tanh is called saturated; its derivative there is below 6 % of that at 0. The lecture's bound. */
const SATURATED = 0.97;

/** A unit beyond this for every example of a batch is called dead; the derivative is below 2 %. The lecture's bound. */
const DEAD = 0.99;

/** Share of saturated elements, and of dead units, as float32 scalars; undefined where the kind has no such thing. */
export function shares(x: Tensor, kind: TapKind): { saturated?: Tensor; dead?: Tensor } {
  const examples = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
  if (kind === "relu") return { dead: share(lessEqual(max(x, { axes: examples }), 0)) };
  if (kind !== "tanh" && kind !== "sigmoid") return {};
  // A sigmoid is half a tanh: 0.03 and 0.97 lie 0.47 from its middle, nearly as far as 0.97 of 1.
  const distance = kind === "tanh" ? abs(x) : abs(sub(x, 0.5));
  const [saturated, dead] = kind === "tanh" ? [SATURATED, DEAD] : [SATURATED - 0.5, DEAD / 2];
  return {
    saturated: share(greater(distance, saturated)),
    dead: share(greater(min(distance, { axes: examples }), dead)),
  };
}

function share(condition: Tensor): Tensor {
  return mean(cast(condition, "float32"));
}
