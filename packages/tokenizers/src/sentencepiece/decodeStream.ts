/**
 * Decoding ids one by one as a model generates them: the strings, joined, are what decoding all ids together gives.
 */

import { checkId } from "../ids.ts";
import type { DecodeStream } from "../tokenizer.ts";
import { type PieceDecoder, surfacesOfBytes } from "./pieceDecoder.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { isCharacterBeginning, validLength } from "./wireReader.ts";

/**
 * One text after the other. Byte pieces are held back until their character is complete or cannot become one; with a
 * denormalizer all is held back until the end, since its rules may reach over any boundary.
 */
export class PieceDecodeStream implements DecodeStream {
  readonly #vocabulary: Vocabulary;
  readonly #decoder: PieceDecoder;
  #reader;
  #bytes: Uint8Array = new Uint8Array(0);
  #held: string[] = [];

  constructor(vocabulary: Vocabulary, decoder: PieceDecoder) {
    this.#vocabulary = vocabulary;
    this.#decoder = decoder;
    this.#reader = decoder.reader();
  }

  push(id: number): string {
    checkId("DecodeStream.push", id, this.#vocabulary.pieces.length);
    const byte = this.#vocabulary.bytes.get(id);
    if (byte === undefined) return this.#give(this.#takeCharacters(true) + this.#reader.read(id));
    this.#reader.isEmpty = false;
    this.#bytes = Uint8Array.of(...this.#bytes, byte);
    return this.#give(this.#takeCharacters(false));
  }

  end(): string {
    this.#held.push(this.#takeCharacters(true));
    const text = this.#decoder.denormalize(this.#held.join(""));
    this.#held = [];
    this.#reader = this.#decoder.reader();
    return text;
  }

  #give(text: string): string {
    if (!this.#decoder.hasDenormalizer) return text;
    this.#held.push(text);
    return "";
  }

  /** Takes out the characters that are settled: all, at the end of a run. At most three bytes stay. */
  #takeCharacters(isEnd: boolean): string {
    const bytes = this.#bytes;
    let settled = isEnd ? bytes.length : 0;
    while (settled < bytes.length && !isCharacterBeginning(bytes, settled)) {
      settled += Math.max(1, validLength(bytes, settled, bytes.length));
    }
    this.#bytes = bytes.slice(settled);
    return surfacesOfBytes(bytes.subarray(0, settled)).join("");
  }
}
