/**
 * From places in a string, which JavaScript counts in UTF-16 units, to places in its UTF-8: every 256 units the place is
 * noted, and from there it is a short walk.
 */

import { sizeOf } from "./characters.ts";

/** Units between two notes. */
const STRIDE = 256;

/** A place between two characters, or inside of one that takes two units. */
export interface Utf16Place {
  /** Offset of the character's first byte. */
  readonly byte: number;
  /** Whether the place is between the two units of the character that begins at `byte`. */
  readonly isInside: boolean;
}

/** The places of a text that grows and shrinks at its end. */
export class Utf16Index {
  /** Offset and unit of the last character that begins at or before each multiple of {@link STRIDE}. */
  readonly #bytes: number[] = [0];
  readonly #units: number[] = [0];
  /** Units of the text. */
  length = 0;

  /** Goes on with the characters `bytes[from..to)`, well-formed UTF-8. */
  append(bytes: Uint8Array, from: number, to: number): void {
    let unit = this.length;
    for (let byte = from; byte < to;) {
      if (unit >= STRIDE * this.#bytes.length || (unit === STRIDE * this.#bytes.length - 1 && bytes[byte] >= 0xf0)) {
        this.#bytes.push(byte);
        this.#units.push(unit);
      }
      unit += bytes[byte] < 0xf0 ? 1 : 2;
      byte += sizeOf(bytes[byte]);
    }
    this.length = unit;
  }

  /** Forgets all units from `length` on. */
  truncate(length: number): void {
    this.length = length;
    const notes = Math.floor(Math.max(0, length - 1) / STRIDE) + 1;
    this.#bytes.length = Math.min(this.#bytes.length, notes);
    this.#units.length = this.#bytes.length;
  }

  /** The place of a unit, 0 to `length`. */
  locate(bytes: Uint8Array, unit: number): Utf16Place {
    const note = Math.min(Math.floor(unit / STRIDE), this.#bytes.length - 1);
    let byte = this.#bytes[note];
    let at = this.#units[note];
    for (;;) {
      const isPair = bytes[byte] >= 0xf0;
      if (at === unit || (isPair && at + 1 === unit)) return { byte, isInside: at !== unit };
      at += isPair ? 2 : 1;
      byte += sizeOf(bytes[byte]);
    }
  }
}
