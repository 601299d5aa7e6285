/**
 * Comparisons and logic: bool results, no gradients.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { inferBroadcast, toTensors } from "./arithmetic.ts";

type Comparison = "equal" | "less" | "lessEqual";
type Logic = "logicalAnd" | "logicalOr";

function defineComparison<K extends Comparison>(name: K): OpDefinition<K> {
  return { name, infer: ([a, b]) => [{ shape: inferBroadcast(name, a, b).shape, dtype: "bool" }] };
}

function defineLogic<K extends Logic>(name: K): OpDefinition<K> {
  return {
    name,
    infer: ([a, b]) => {
      for (const { dtype } of [a, b]) {
        if (dtype !== "bool") throw new TypeError(`${name}: expected bool operands, got ${a.dtype} and ${b.dtype}`);
      }
      return [inferBroadcast(name, a, b)];
    },
  };
}

const equalOp = defineComparison("equal");
const lessOp = defineComparison("less");
const lessEqualOp = defineComparison("lessEqual");
const andOp = defineLogic("logicalAnd");
const orOp = defineLogic("logicalOr");
const notOp: OpDefinition<"logicalNot"> = {
  name: "logicalNot",
  infer: ([x]) => {
    if (x.dtype !== "bool") throw new TypeError(`logicalNot: expected a bool operand, got ${x.dtype}`);
    return [{ shape: x.shape, dtype: "bool" }];
  },
};

/** `a == b`, broadcasting. */
export function equal(a: Operand, b: Operand): Tensor {
  return apply(equalOp, toTensors(a, b), {})[0];
}

/** `a < b`, broadcasting. */
export function less(a: Operand, b: Operand): Tensor {
  return apply(lessOp, toTensors(a, b), {})[0];
}

/** `a <= b`, broadcasting. */
export function lessEqual(a: Operand, b: Operand): Tensor {
  return apply(lessEqualOp, toTensors(a, b), {})[0];
}

/** `a > b`, broadcasting. */
export function greater(a: Operand, b: Operand): Tensor {
  return less(b, a);
}

/** `a >= b`, broadcasting. */
export function greaterEqual(a: Operand, b: Operand): Tensor {
  return lessEqual(b, a);
}

/** `a && b`, broadcasting. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  return apply(andOp, [a, b], {})[0];
}

/** `a || b`, broadcasting. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  return apply(orOp, [a, b], {})[0];
}

/** `!x`. */
export function logicalNot(x: Operand): Tensor {
  return apply(notOp, [toTensor(x)], {})[0];
}
