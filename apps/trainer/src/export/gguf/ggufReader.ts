/**
 * A cursor over the bytes of a GGUF file. Every length is compared with the bytes that are left before anything is read or
 * allocated, so that a damaged or hostile file ends in a RangeError that names the place.
 */

import type { GgufScalar, GgufValue } from "./gguf.ts";
import { ggufArrayCode, ggufScalarTypeOfCode, ggufScalarTypes, type GgufScalarType } from "./ggufScalarTypes.ts";

export class GgufReader {
  /** Where the cursor stands, from the start of the file. */
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The error for what is not as it should be. */
  unexpected(expected: string, what: string, got: string | number, at = this.position): RangeError {
    return new RangeError(`decodeGguf: expected ${expected} for ${what} at offset ${at}, got ${got}`);
  }

  uint32(what: string): number {
    const at = this.#advance(4, what);
    return this.#view.getUint32(at, true);
  }

  /** A 64-bit count, size or offset: 2^53 and more is refused. */
  uint64(what: string): number {
    const at = this.#advance(8, what);
    const value = this.#view.getBigUint64(at, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.unexpected("less than 2^53", what, `${value}`, at);
    return Number(value);
  }

  /** How many items follow, each of at least `bytes` bytes: as many as the rest of the file can hold. */
  count(what: string, bytes: number): number {
    const at = this.position;
    const count = this.uint64(what);
    const most = Math.floor((this.#bytes.length - this.position) / bytes);
    if (count > most) throw this.unexpected(`at most ${most}, by the bytes that are left,`, what, count, at);
    return count;
  }

  string(what: string): string {
    const length = this.count(`the length of ${what}`, 1);
    const at = this.#advance(length, what);
    try {
      return this.#decoder.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw this.unexpected("UTF-8", what, "other bytes", at);
    }
  }

  /** A value of the metadata, its type before it. */
  value(what: string): GgufValue {
    const at = this.position;
    const code = this.uint32(`the type of ${what}`);
    if (code !== ggufArrayCode) {
      const type = this.#typeOf(code, what, at);
      return { type, value: this.#scalar(type, what) } as GgufScalar;
    }
    const of = this.#typeOf(this.uint32(`the type of ${what}`), what, at + 4);
    const count = this.count(`the length of ${what}`, ggufScalarTypes[of].bytes);
    const values: GgufScalar["value"][] = [];
    for (let i = 0; i < count; i++) values.push(this.#scalar(of, what));
    return { type: "array", of, values };
  }

  #typeOf(code: number, what: string, at: number): GgufScalarType {
    const type = ggufScalarTypeOfCode(code);
    if (type !== undefined) return type;
    const got = code === ggufArrayCode ? "an array of arrays" : code;
    throw this.unexpected("the code of a type", what, got, at);
  }

  #scalar(type: GgufScalarType, what: string): GgufScalar["value"] {
    if (type === "string") return this.string(what);
    const at = this.#advance(ggufScalarTypes[type].bytes, what);
    const view = this.#view;
    switch (type) {
      case "uint8":
        return view.getUint8(at);
      case "int8":
        return view.getInt8(at);
      case "uint16":
        return view.getUint16(at, true);
      case "int16":
        return view.getInt16(at, true);
      case "uint32":
        return view.getUint32(at, true);
      case "int32":
        return view.getInt32(at, true);
      case "uint64":
        return numberOrBigint(view.getBigUint64(at, true));
      case "int64":
        return numberOrBigint(view.getBigInt64(at, true));
      case "float32":
        return view.getFloat32(at, true);
      case "float64":
        return view.getFloat64(at, true);
      case "bool": {
        const byte = view.getUint8(at);
        if (byte > 1) throw this.unexpected("0 or 1 (bool)", what, byte, at);
        return byte === 1;
      }
    }
  }

  /** Steps over `count` bytes, and returns where they begin. */
  #advance(count: number, what: string): number {
    const start = this.position;
    const left = this.#bytes.length - start;
    if (count > left) throw this.unexpected(`${count} bytes`, what, `${left}: is the file truncated?`);
    this.position += count;
    return start;
  }
}

function numberOrBigint(value: bigint): number | bigint {
  return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
