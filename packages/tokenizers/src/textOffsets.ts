/**
 * Places in a text, which tokenizers count in the bytes of its UTF-8, in the unit that a caller counts in.
 */

import { describe } from "./describe.ts";

/**
 * What offsets into a text count: `"utf16"` units, as JavaScript's strings do; `"codepoint"`s, as Python's; or the
 * `"byte"`s of UTF-8. A lone surrogate is one unit, one code point and, as U+FFFD, three bytes.
 */
export type OffsetUnit = "utf16" | "codepoint" | "byte";

/** @throws RangeError if `unit` is none of the three. */
export function checkUnit(caller: string, unit: OffsetUnit): void {
  if (unit === "utf16" || unit === "codepoint" || unit === "byte") return;
  throw new RangeError(`${caller}: expected the unit "utf16", "codepoint" or "byte", got ${describe(unit)}`);
}

/** Walks once through a text, from its beginning to its end. */
export class OffsetCursor {
  readonly #text: string;
  readonly #unit: OffsetUnit;
  #byte = 0;
  #index = 0;
  #character = 0;

  constructor(text: string, unit: OffsetUnit) {
    this.#text = text;
    this.#unit = unit;
  }

  /**
   * Goes on to a place; inside of a character, to the character's end.
   *
   * @param byte - Offset in UTF-8, not before the last one, nor behind the end.
   * @returns The same place in the cursor's unit.
   */
  advance(byte: number): number {
    if (this.#unit === "byte") return byte;
    const text = this.#text;
    while (this.#byte < byte) {
      const unit = text.charCodeAt(this.#index);
      const isPair = unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(this.#index + 1));
      this.#byte += unit < 0x80 ? 1 : unit < 0x800 ? 2 : isPair ? 4 : 3;
      this.#index += isPair ? 2 : 1;
      this.#character++;
    }
    return this.#unit === "utf16" ? this.#index : this.#character;
  }
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
