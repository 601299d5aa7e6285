/**
 * A vocabulary in the compact form that the package carries: its merges as six planes of characters, see scripts/generateVocabularies.mjs.
 */

import { TokenBytes } from "../bpe/tokenBytes.ts";
import { byteSymbols } from "../byteAlphabet.ts";

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HOLE = 2 ** 18 - 1;

/** Merges in compact form; unpacked when an encoding is first used. */
export class PackedVocabulary {
  /** One more than the largest id. */
  readonly size: number;
  readonly #planes: string;

  /** @param planes - For the left parts, then the right ones, the upper, middle and lower six bits of all ids. */
  constructor(planes: string) {
    this.#planes = planes;
    this.size = planes.length / 6;
  }

  unpack(): TokenBytes {
    return TokenBytes.fromMerges(bytesInOrder(), this.#parts(0), this.#parts(3));
  }

  #parts(plane: number): Int32Array {
    const values = new Uint8Array(128);
    for (let value = 0; value < 64; value++) values[digits.charCodeAt(value)] = value;
    const { size } = this;
    const planes = this.#planes;
    const [upper, middle, lower] = [plane * size, (plane + 1) * size, (plane + 2) * size];
    const parts = new Int32Array(size).fill(-1);
    for (let id = 256; id < size; id++) {
      const part =
        ((values[planes.charCodeAt(upper + id)] as number) << 12) |
        ((values[planes.charCodeAt(middle + id)] as number) << 6) |
        (values[planes.charCodeAt(lower + id)] as number);
      if (part !== HOLE) parts[id] = part;
    }
    return parts;
  }
}

/** The single bytes in the order of their ids in OpenAI's vocabularies: by the character that stands for them in GPT-2's alphabet. */
function bytesInOrder(): Uint8Array {
  const symbols = byteSymbols.map((symbol, byte) => ({ symbol, byte }));
  return Uint8Array.from(
    symbols.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)),
    ({ byte }) => byte,
  );
}
