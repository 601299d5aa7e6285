/**
 * The check that ops of real numbers make: engines would disagree about what integers mean there, or refuse them late.
 */

import type { TensorType } from "../tensor.ts";

/** @throws TypeError if one of `operands` (undefined: not given) is not float32. */
export function expectFloat32(op: string, ...operands: readonly (TensorType | undefined)[]): void {
  const given = operands.flatMap((operand) => operand?.dtype ?? []);
  if (given.every((dtype) => dtype === "float32")) return;
  throw new TypeError(`${op}: expected float32 operands, got ${given.join(", ")}; cast them first`);
}
