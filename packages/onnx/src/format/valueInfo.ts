/**
 * Names and types of values: what a graph takes, gives back, and passes between its nodes.
 *
 * Tensors are the plain case (`dataType` and `shape`); sequences, maps and the rest of ONNX's type system hang off
 * `type`. Denotations, ONNX's free-text remarks on types and dims, are not kept.
 */
import type { OnnxDataType } from "./dataTypes.ts";

/** A shape as far as the file knows it: a size, a name shared by equal sizes, or undefined for an unknown size. */
export type OnnxShape = readonly (number | string | undefined)[];

/** A named value with its type. */
export interface OnnxValueInfo {
  readonly name: string;
  /** The element type of a tensor; "undefined" when the value has no type, or is no tensor (see `type`). */
  readonly dataType: OnnxDataType;
  /** The shape of a tensor: `[]` is a scalar, undefined means that not even the rank is known. */
  readonly shape: OnnxShape | undefined;
  /** The type of a value that is not a dense tensor. */
  readonly type?: OnnxNonTensorType;
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The type of a dense tensor, where it stands inside another type. */
export interface OnnxTensorType {
  readonly kind: "tensor";
  readonly dataType: OnnxDataType;
  readonly shape: OnnxShape | undefined;
}

/** The types of ONNX beyond the dense tensor. */
export type OnnxNonTensorType =
  | {
      readonly kind: "sparseTensor";
      readonly dataType: OnnxDataType;
      readonly shape: OnnxShape | undefined;
    }
  | { readonly kind: "sequence"; readonly element: OnnxType }
  | { readonly kind: "optional"; readonly element: OnnxType }
  | { readonly kind: "map"; readonly keyType: OnnxDataType; readonly value: OnnxType }
  | { readonly kind: "opaque"; readonly domain: string; readonly name: string };

/** Any type of ONNX; "untyped" is a type message that says nothing. */
export type OnnxType = OnnxTensorType | OnnxNonTensorType | { readonly kind: "untyped" };
