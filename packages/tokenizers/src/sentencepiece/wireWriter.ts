/**
 * Writes the wire format of Protocol Buffers into a growing buffer.
 */

import { encodeUtf8 } from "../utf8.ts";
import { wireTypes } from "./wireReader.ts";

/** The bytes of one message, field by field. */
export class WireWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The bytes written so far, in an array of their own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Writes an integer field: negative numbers take ten bytes, as in the original. */
  writeInteger(field: number, value: number): void {
    this.#writeVarint(field * 8 + wireTypes.varint);
    if (value >= 0) this.#writeVarint(value);
    else {
      // Two's complement in 64 bits: the low 63 bits of -1 are 2^63 - 1, beyond what a number holds exactly.
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 0x7fn; rest >>= 7n) this.#push(Number(rest & 0x7fn) | 0x80);
      this.#push(Number(rest));
    }
  }

  /** Writes a float32 field. */
  writeFloat(field: number, value: number): void {
    this.#writeVarint(field * 8 + wireTypes.fixed32);
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  /** Writes a field of bytes, or of a nested message that is written already. */
  writeBytes(field: number, value: Uint8Array): void {
    this.#writeVarint(field * 8 + wireTypes.bytes);
    this.#writeVarint(value.length);
    this.writeRaw(value);
  }

  /** Writes a string field. */
  writeString(field: number, value: string): void {
    this.writeBytes(field, encodeUtf8(value));
  }

  /** Appends bytes that are whole fields already. */
  writeRaw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #writeVarint(value: number): void {
    for (; value > 0x7f; value = Math.floor(value / 128)) this.#push((value % 128) | 0x80);
    this.#push(value);
  }

  #push(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
