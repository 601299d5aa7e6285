/**
 * Node attributes in the form the file format wants them, for lowerings to write in one word.
 */

import type { OnnxAttribute } from "../format/model.ts";

export type Attributes = Readonly<Record<string, OnnxAttribute>>;

export function int(value: number | boolean): OnnxAttribute {
  return { type: "int", value: Number(value) };
}

export function ints(value: readonly number[]): OnnxAttribute {
  return { type: "ints", value };
}

export function float(value: number): OnnxAttribute {
  return { type: "float", value };
}

export function string(value: string): OnnxAttribute {
  return { type: "string", value };
}
