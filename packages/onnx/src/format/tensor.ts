/**
 * Tensors of an ONNX file as plain data: raw bytes, strings, or a pointer into a file beside the model.
 *
 * Bytes are little-endian and row-major, exactly as they stand in the file, so encoding never converts and decoding
 * returns views. This is storage, not arithmetic: nothing here reads an element.
 */
import type { OnnxDataType } from "./dataTypes.ts";

/** What every tensor carries, wherever its values are. */
export interface OnnxTensorHeader {
  /** The name that nodes refer to; "" in attributes. */
  readonly name: string;
  /** The shape; `[]` is a scalar. */
  readonly dims: readonly number[];
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A tensor whose values lie in the model file. */
export interface OnnxRawTensor extends OnnxTensorHeader {
  readonly dataType: Exclude<OnnxDataType, "string">;
  /** Little-endian elements, `tensorByteLength(dataType, dims)` bytes. A view: encoding copies it once, into the file. */
  readonly data: Uint8Array;
  readonly strings?: never;
  readonly external?: never;
}

/** A tensor of strings, which ONNX stores one by one. */
export interface OnnxStringTensor extends OnnxTensorHeader {
  readonly dataType: "string";
  readonly strings: readonly string[];
  readonly data?: never;
  readonly external?: never;
}

/** A tensor whose bytes lie in a file beside the model, which keeps the model below protobuf's 2 GiB. */
export interface OnnxExternalTensor extends OnnxTensorHeader {
  readonly dataType: Exclude<OnnxDataType, "string">;
  readonly external: OnnxExternalData;
  readonly data?: never;
  readonly strings?: never;
}

/** A tensor of an ONNX file: tell the forms apart by which of `data`, `strings` and `external` is present. */
export type OnnxTensor = OnnxRawTensor | OnnxStringTensor | OnnxExternalTensor;

/** Where the bytes of an external tensor are. */
export interface OnnxExternalData {
  /** A relative path below the model's own directory, with forward slashes. */
  readonly location: string;
  /** Where the bytes start. Multiples of 4096 let a runtime map the file instead of reading it. @defaultValue 0 */
  readonly offset?: number;
  /** How many bytes there are. @defaultValue `tensorByteLength(dataType, dims)` */
  readonly length?: number;
}

/** A sparse tensor in coordinate form. */
export interface OnnxSparseTensor {
  /** The values that are not zero, `[count]`; its name is the name of the sparse tensor. */
  readonly values: OnnxTensor;
  /** int64 positions: `[count]` into the flattened tensor, or `[count, rank]`. */
  readonly indices: OnnxTensor;
  /** The shape of the dense tensor. */
  readonly dims: readonly number[];
}
