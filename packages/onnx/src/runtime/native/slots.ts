/**
 * What a model is given and gives, as the runtime says: names, element types and sizes.
 */

import type { DType, TensorValue } from "@llm-learning/nn-core";
import { readTensorInfo } from "./nativeValues.ts";
import type { OrtLibrary } from "./ortLibrary.ts";

/** What a model says of one of its inputs or outputs. */
export interface Slot {
  readonly name: string;
  /** Undefined for what is no tensor of a dtype that this toolkit has. */
  readonly dtype: DType | undefined;
  /** -1 for a size that is open. */
  readonly shape: readonly number[];
  /** The name as C has it, and its address. */
  readonly text: Buffer;
  readonly address: bigint;
}

/** What a model is given and gives. */
export interface Slots {
  readonly inputs: readonly Slot[];
  /** Inputs that have a value in the file. */
  readonly optional: readonly Slot[];
  readonly outputs: readonly Slot[];
}

/** Everything a session says of its inputs and outputs. */
export function readSlots(library: OrtLibrary, session: bigint): Slots {
  return {
    inputs: slotsOf(library, session, "Input"),
    optional: slotsOf(library, session, "OverridableInitializer"),
    outputs: slotsOf(library, session, "Output"),
  };
}

/** Initializers that are inputs too can be given another value. */
type SlotKind = "Input" | "OverridableInitializer" | "Output";

function slotsOf(library: OrtLibrary, session: bigint, kind: SlotKind): Slot[] {
  const { ort, allocator, address, text, check } = library;
  const out = new BigUint64Array(1);
  check(ort[`SessionGet${kind}Count`](session, out));
  return Array.from({ length: Number(out[0]) }, (_, index): Slot => {
    check(ort[`SessionGet${kind}Name`](session, index, allocator, out));
    const name = text(out[0]);
    check(ort.AllocatorFree(allocator, out[0]));
    const nameText = Buffer.from(`${name}\0`);
    return { name, text: nameText, address: address(nameText), ...readType(library, session, { kind, index }) };
  });
}

function readType(
  library: OrtLibrary,
  session: bigint,
  { kind, index }: { kind: SlotKind; index: number },
): Pick<Slot, "dtype" | "shape"> {
  const { ort, check } = library;
  const out = new BigUint64Array(1);
  check(ort[`SessionGet${kind}TypeInfo`](session, index, out));
  const typeInfo = out[0];
  try {
    check(ort.CastTypeInfoToTensorInfo(typeInfo, out));
    // A sequence or a map has none.
    return out[0] === 0n ? { dtype: undefined, shape: [] } : readTensorInfo(library, out[0], { release: false });
  } finally {
    ort.ReleaseTypeInfo(typeInfo);
  }
}

/** @throws TypeError if a value is of another element type. */
export function expectType({ name, dtype }: Slot, value: TensorValue, kind: string): void {
  if (value.dtype === dtype) return;
  const expected = dtype ?? "float32, int32, int64 or bool in the model";
  throw new TypeError(`Session.run: expected ${expected} for ${kind} "${name}", got ${value.dtype}`);
}

/** @throws RangeError if a value is of another shape. */
export function expectShape({ name, shape }: Slot, value: TensorValue): void {
  if (value.shape.length === shape.length && shape.every((dim, axis) => dim < 0 || dim === value.shape[axis])) return;
  const expected = shape.map((dim) => (dim < 0 ? "?" : dim)).join(", ");
  throw new RangeError(`Session.run: expected [${expected}] for input "${name}", got [${value.shape.join(", ")}]`);
}
