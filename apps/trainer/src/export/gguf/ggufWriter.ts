/** Writes the header of a GGUF file: numbers, strings and metadata, little-endian, one after the other. */

import type { GgufScalar, GgufValue } from "./gguf.ts";
import { ggufArrayCode, ggufScalarTypes, type GgufScalarType } from "./ggufScalarTypes.ts";

/** Keys as the format asks for them: lower_snake_case, in a hierarchy of dots. */
const keyPattern = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;

export class GgufWriter {
  #buffer = new Uint8Array(4096);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  /** What was written. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  ascii(text: string): void {
    this.#append(new TextEncoder().encode(text));
  }

  uint32(value: number): void {
    const at = this.#advance(4);
    this.#view.setUint32(at, value, true);
  }

  uint64(value: number): void {
    const at = this.#advance(8);
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  /** A string with its length; `what` is what an error calls it. */
  string(what: string, text: unknown): void {
    if (typeof text !== "string") fail(what, "a string", text);
    // A lone surrogate has no UTF-8: it would be written as another character.
    if (/\p{Surrogate}/u.test(text)) fail(what, "well-formed text", text);
    const bytes = new TextEncoder().encode(text);
    this.uint64(bytes.length);
    this.#append(bytes);
  }

  /** A key of the metadata and its value. */
  entry(key: string, value: GgufValue): void {
    if (!keyPattern.test(key) || key.length > 65535) {
      fail("every key", 'lower_snake_case parts with dots between, as "general.name"', key);
    }
    this.string("a key", key);
    const what = `metadata ${JSON.stringify(key)}`;
    if (value.type !== "array") {
      this.uint32(codeOf(what, value.type));
      this.#scalar(what, value.type, value.value);
      return;
    }
    this.uint32(ggufArrayCode);
    this.uint32(codeOf(what, value.of));
    this.uint64(value.values.length);
    value.values.forEach((item, index) => this.#scalar(`${what}[${index}]`, value.of, item));
  }

  #scalar(what: string, type: GgufScalarType, value: GgufScalar["value"]): void {
    const { bytes, range } = ggufScalarTypes[type];
    if (type === "string") return this.string(what, value);
    const checked = range === undefined ? value : integerWithin(what, type, value, range);
    const at = this.#advance(bytes);
    const view = this.#view;
    switch (type) {
      case "uint8":
        return view.setUint8(at, Number(checked));
      case "int8":
        return view.setInt8(at, Number(checked));
      case "uint16":
        return view.setUint16(at, Number(checked), true);
      case "int16":
        return view.setInt16(at, Number(checked), true);
      case "uint32":
        return view.setUint32(at, Number(checked), true);
      case "int32":
        return view.setInt32(at, Number(checked), true);
      case "uint64":
        return view.setBigUint64(at, BigInt(checked), true);
      case "int64":
        return view.setBigInt64(at, BigInt(checked), true);
      case "float32":
        if (typeof value !== "number") fail(what, "a number", value);
        if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) fail(what, "within float32", value);
        return view.setFloat32(at, value, true);
      case "float64":
        if (typeof value !== "number") fail(what, "a number", value);
        return view.setFloat64(at, value, true);
      case "bool":
        if (typeof value !== "boolean") fail(what, "a boolean", value);
        return view.setUint8(at, Number(value));
    }
  }

  #append(bytes: Uint8Array): void {
    const at = this.#advance(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Makes room for `count` bytes, and returns where they begin. */
  #advance(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(this.#length)));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}

function codeOf(what: string, type: string): number {
  if (!Object.hasOwn(ggufScalarTypes, type)) fail(what, `of type ${Object.keys(ggufScalarTypes).join(", ")}`, type);
  return ggufScalarTypes[type as GgufScalarType].code;
}

function integerWithin(
  what: string,
  type: string,
  value: GgufScalar["value"],
  [least, greatest]: readonly [bigint, bigint],
): number | bigint {
  const isInteger = typeof value === "bigint" || Number.isSafeInteger(value);
  if (typeof value !== "number" && typeof value !== "bigint") fail(what, `an integer (${type})`, value);
  if (!isInteger || BigInt(value) < least || BigInt(value) > greatest) {
    fail(what, `an integer from ${least} to ${greatest} (${type})`, value);
  }
  return value;
}

function fail(what: string, expected: string, value: unknown): never {
  const got = typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : String(value);
  const message = `encodeGguf: expected ${what} to be ${expected}, got ${got}`;
  throw ["number", "bigint", "string"].includes(typeof value) ? new RangeError(message) : new TypeError(message);
}
