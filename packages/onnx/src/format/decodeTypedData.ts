/**
 * The values of a tensor from the field of its type (`float_data`, `int32_data`, ...), as raw little-endian bytes.
 *
 * These fields are protobuf's own encoding of numbers. Fixed-width runs are already the raw bytes; varints are counted
 * first, so that what is allocated was really in the file. `int32_data` holds everything of up to 32 bits that has no
 * field of its own: float16 by its bits, and elements below 8 bits packed into bytes.
 */
import { bitsPerElement, type OnnxDataType } from "./dataTypes.ts";
import type { WireReader } from "./wireReader.ts";

/** Where the runs of numbers of a tensor lie (start, end, start, end, ...), by the field's name in ONNX. */
export type TypedData = Map<string, number[]>;

/** The typed fields of TensorProto by number, with the wire type of a value. */
export const typedFields: ReadonlyMap<number, { readonly label: string; readonly wireType: 0 | 1 | 5 }> = new Map([
  [4, { label: "float_data", wireType: 5 }],
  [5, { label: "int32_data", wireType: 0 }],
  [7, { label: "int64_data", wireType: 0 }],
  [10, { label: "double_data", wireType: 1 }],
  [11, { label: "uint64_data", wireType: 0 }],
]);

const fieldOfType: { readonly [T in OnnxDataType]?: string } = {
  undefined: "raw_data",
  float32: "float_data",
  complex64: "float_data",
  float64: "double_data",
  complex128: "double_data",
  int64: "int64_data",
  uint32: "uint64_data",
  uint64: "uint64_data",
};

/** The raw bytes of a tensor from its typed field; `bytes` is how many its dims call for. */
export function typedDataBytes(
  reader: WireReader,
  typed: TypedData,
  dataType: OnnxDataType,
  bytes: number,
): Uint8Array {
  const label = fieldOfType[dataType] ?? "int32_data";
  const runs = typed.get(label) ?? [];
  if (label === "float_data" || label === "double_data") return joined(reader, runs);
  const width = Math.max(1, bitsPerElement(dataType) / 8);
  const count = countVarints(reader, runs);
  if (count !== bytes / width) throw reader.unexpected(`${bytes / width} values of ${dataType}`, label, count);
  return widened(reader, label, runs, bytes, width);
}

/** Fixed-width values: the file's own bytes, a view where they are in one piece. */
function joined(reader: WireReader, runs: readonly number[]): Uint8Array {
  if (runs.length === 2) return reader.slice(runs[0], runs[1]);
  let length = 0;
  for (let i = 0; i < runs.length; i += 2) length += runs[i + 1] - runs[i];
  const result = new Uint8Array(length);
  let position = 0;
  for (let i = 0; i < runs.length; i += 2) {
    result.set(reader.slice(runs[i], runs[i + 1]), position);
    position += runs[i + 1] - runs[i];
  }
  return result;
}

/** Every varint has exactly one byte below 128, its last. */
function countVarints(reader: WireReader, runs: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < runs.length; i += 2) {
    for (const byte of reader.slice(runs[i], runs[i + 1])) if (byte < 128) count++;
  }
  return count;
}

function widened(reader: WireReader, label: string, runs: readonly number[], bytes: number, width: number): Uint8Array {
  const result = new Uint8Array(bytes);
  const view = new DataView(result.buffer);
  let position = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const run = reader.over(label, [runs[i], runs[i + 1]]);
    while (run.position < run.end) {
      run.varint("");
      if (width === 1) result[position] = run.low;
      else if (width === 2) view.setUint16(position, run.low, true);
      else view.setInt32(position, run.low, true);
      if (width === 8) view.setInt32(position + 4, run.high, true);
      position += width;
    }
  }
  return result;
}
