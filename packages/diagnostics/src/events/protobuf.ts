/**
 * The wire format of protocol buffers, as far as event files need it (https://protobuf.dev/programming-guides/encoding).
 *
 * Fields that hold their type's zero are left out, as proto3 does, so that the bytes are those of Google's writers. A
 * field of a `oneof` is written even then: `always`.
 */

const utf8 = new TextEncoder();

/** Writes fields one behind the other; give them in the order of their numbers. */
export class ProtobufWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** What has been written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** An integer from 0 to 2^53 - 1. */
  integer(field: number, value: number): this {
    return value === 0 ? this : this.#tag(field, 0).#varint(value);
  }

  double(field: number, value: number): this {
    // Negative zero is not the default, and is kept.
    if (Object.is(value, 0)) return this;
    this.#tag(field, 1);
    this.#view(8).setFloat64(0, value, true);
    return this;
  }

  float(field: number, value: number, { always = false }: { always?: boolean } = {}): this {
    if (Object.is(value, 0) && !always) return this;
    this.#tag(field, 5);
    this.#view(4).setFloat32(0, value, true);
    return this;
  }

  string(field: number, value: string): this {
    return value === "" ? this : this.message(field, utf8.encode(value));
  }

  /** A message within, or bytes; an empty one is written. */
  message(field: number, content: Uint8Array): this {
    this.#tag(field, 2).#varint(content.length);
    this.#reserve(content.length);
    this.#bytes.set(content, this.#length);
    this.#length += content.length;
    return this;
  }

  /** A packed list of doubles. */
  doubles(field: number, values: ArrayLike<number>): this {
    if (values.length === 0) return this;
    this.#tag(field, 2).#varint(8 * values.length);
    const view = this.#view(8 * values.length);
    for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i], true);
    return this;
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  /** Seven bits in each byte, the low ones first. */
  #varint(value: number): this {
    this.#reserve(8);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) + 128;
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** A window on the next bytes. */
  #view(length: number): DataView {
    this.#reserve(length);
    this.#length += length;
    return new DataView(this.#bytes.buffer, this.#length - length, length);
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
