/**
 * Reads the wire format of Protocol Buffers: fields one after the other, each a tag (number and wire type) and a value.
 *
 * It knows no message; `message.ts` does. The bytes are foreign: every length is compared with what is left before it
 * is used, varints end after ten bytes, and nothing is copied.
 */

import { utf8Decoder } from "../utf8.ts";

/** How the value of a field is written. Groups (3 and 4) are long deprecated and refused. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const decoder = utf8Decoder();

/** A cursor over the fields of one message. */
export class WireReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Number of the current field. */
  field = 0;
  /** Wire type of the current field. */
  wireType = 0;
  /** Where the tag of the current field begins. */
  fieldStart = 0;
  /** The two halves of the last varint, as unsigned 32-bit integers. */
  low = 0;
  high = 0;
  readonly #what: string;
  readonly #view: DataView;
  #position: number;

  /**
   * @param what - What the bytes are, for messages of errors.
   * @param bytes - The file.
   * @param start - First byte of the message.
   * @param end - Its end.
   */
  constructor(what: string, bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#what = what;
    this.bytes = bytes;
    this.#position = start;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next value or tag begins. */
  get position(): number {
    return this.#position;
  }

  /** Goes on to the next field; `false` at the end of the message. */
  next(): boolean {
    if (this.#position >= this.end) return false;
    this.fieldStart = this.#position;
    this.readVarint();
    this.field = this.low >>> 3;
    this.wireType = this.low & 7;
    if (this.high !== 0 || this.field === 0) throw this.#error("a field number from 1 to 2^29 - 1");
    return true;
  }

  /** Reads a varint into {@link low} and {@link high}. */
  readVarint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#position >= this.end) throw this.#error("more bytes: it is cut off");
      const byte = this.bytes[this.#position++];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else if (bits < 2) high |= bits << 31;
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw this.#error("a varint of at most ten bytes");
  }

  /** Reads a little-endian float32. */
  readFloat(): number {
    this.#need(4);
    this.#position += 4;
    return this.#view.getFloat32(this.#position - 4, true);
  }

  /** Reads a length and steps over as many bytes; returns where they begin (they end at {@link position}). */
  readLength(): number {
    this.readVarint();
    if (this.high !== 0 || this.low > this.end - this.#position) {
      const length = this.high * 2 ** 32 + this.low;
      throw this.#error(`a length of at most the ${this.end - this.#position} bytes left, got ${length}`);
    }
    const start = this.#position;
    this.#position += this.low;
    return start;
  }

  /** Reads a string; `undefined` if its bytes are not UTF-8. */
  readString(): string | undefined {
    const start = this.readLength();
    const text = decoder.decode(this.bytes.subarray(start, this.#position));
    return text.includes("\uFFFD") && !isUtf8(this.bytes, start, this.#position) ? undefined : text;
  }

  /** Steps over the value of the current field, whatever it is. */
  skip(): void {
    if (this.wireType === wireTypes.varint) this.readVarint();
    else if (this.wireType === wireTypes.bytes) this.readLength();
    else if (this.wireType === wireTypes.fixed32 || this.wireType === wireTypes.fixed64) {
      const size = this.wireType === wireTypes.fixed32 ? 4 : 8;
      this.#need(size);
      this.#position += size;
    } else throw this.#error(`wire type 0, 1, 2 or 5, got ${this.wireType}`);
  }

  #need(size: number): void {
    if (this.end - this.#position < size) throw this.#error("more bytes: it is cut off");
  }

  #error(expected: string): RangeError {
    return new RangeError(`${this.#what}: expected ${expected} at byte ${this.#position}`);
  }
}

/** Whether bytes are well-formed UTF-8: a slow and certain check, for the rare text that holds U+FFFD. */
function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end;) {
    const length = validLength(bytes, i, end);
    if (length === 0) return false;
    i += length;
  }
  return true;
}

/**
 * Length of the well-formed UTF-8 character that begins at `i`, or 0 if none does: no surrogates, no overlong forms,
 * nothing above U+10FFFF.
 */
export function validLength(bytes: Uint8Array, i: number, end: number): number {
  const lead = bytes[i];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (i + length > end) return 0;
  const second = bytes[i + 1];
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let k = 2; k < length; k++) if ((bytes[i + k] & 0xc0) !== 0x80) return 0;
  return length;
}

/** Whether all bytes from `i` on are the beginning of one well-formed UTF-8 character that is not complete. */
export function isCharacterBeginning(bytes: Uint8Array, i: number): boolean {
  const rest = bytes.subarray(i);
  // The smallest and the largest continuation: some character begins so if one with either does.
  return [0x80, 0xbf].some((filler) => {
    const completed = new Uint8Array(4).fill(filler);
    if (rest.length >= completed.length) return false;
    completed.set(rest);
    return validLength(completed, 0, 4) > rest.length;
  });
}
