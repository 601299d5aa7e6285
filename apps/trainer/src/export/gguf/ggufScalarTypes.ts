/** The types of values in the metadata of a GGUF file: code, width, and the values that an integer takes. */

import type { GgufScalar } from "./gguf.ts";

/** The name of a type of single values. */
export type GgufScalarType = GgufScalar["type"];

interface ScalarType {
  readonly code: number;
  /** Bytes of a value; of a string, the fewest. */
  readonly bytes: number;
  /** Of an integer: its least and its greatest value. */
  readonly range?: readonly [least: bigint, greatest: bigint];
}

const unsigned = (bits: bigint) => [0n, 2n ** bits - 1n] as const;
const signed = (bits: bigint) => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] as const;

export const ggufScalarTypes: Readonly<Record<GgufScalarType, ScalarType>> = {
  uint8: { code: 0, bytes: 1, range: unsigned(8n) },
  int8: { code: 1, bytes: 1, range: signed(8n) },
  uint16: { code: 2, bytes: 2, range: unsigned(16n) },
  int16: { code: 3, bytes: 2, range: signed(16n) },
  uint32: { code: 4, bytes: 4, range: unsigned(32n) },
  int32: { code: 5, bytes: 4, range: signed(32n) },
  float32: { code: 6, bytes: 4 },
  bool: { code: 7, bytes: 1 },
  string: { code: 8, bytes: 8 },
  uint64: { code: 10, bytes: 8, range: unsigned(64n) },
  int64: { code: 11, bytes: 8, range: signed(64n) },
  float64: { code: 12, bytes: 8 },
};

/** The code of arrays, among those of single values. */
export const ggufArrayCode = 9;

const byCode = new Map(Object.entries(ggufScalarTypes).map(([name, { code }]) => [code, name as GgufScalarType]));

/** The type behind a code, or undefined where it is that of arrays or of nothing. */
export function ggufScalarTypeOfCode(code: number): GgufScalarType | undefined {
  return byCode.get(code);
}
