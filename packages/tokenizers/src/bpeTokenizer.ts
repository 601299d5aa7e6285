/**
 * A byte-level BPE tokenizer with the interface of all tokenizers of this package: an {@link Encoding} in tiktoken's sense that is
 * saved as Hugging Face `tokenizer.json`, with the same ids there. What files mean the same is in bpeTokenizerJson.ts.
 */

import { fromByteSymbols, toByteSymbols } from "./byteAlphabet.ts";
import { bpeTokenizerJson } from "./bpeTokenizerJson.ts";
import { describe } from "./describe.ts";
import { checkId, indexedIds } from "./ids.ts";
import { SpecialTokens } from "./specialTokens.ts";
import { type Encoding, encodingParts } from "./tiktoken/encoding.ts";
import type { DecodeOptions, DecodeStream, EncodeOptions, Tokenizer } from "./tokenizer.ts";
import type { TokenizerJson } from "./tokenizerJson.ts";

/**
 * Tokens are those of an encoding. Where its ids have holes, as OpenAI's have, `vocabSize` counts them, and decoding one is an error.
 *
 * @example
 * ```ts
 * const tokenizer = new BpeTokenizer(encoding);
 * tokenizer.decode(tokenizer.encode("hello world")); // => "hello world"
 * await writeFile("tokenizer.json", JSON.stringify(tokenizer));
 * ```
 */
export class BpeTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  /** The encoding behind it, for what only an encoding can do. */
  readonly encoding: Encoding;
  readonly #specials: SpecialTokens;

  /** @throws TypeError if `encoding` is no {@link Encoding}. */
  constructor(encoding: Encoding) {
    encodingParts("BpeTokenizer", encoding);
    this.encoding = encoding;
    this.vocabSize = encoding.nVocab;
    this.#specials = new SpecialTokens(encoding.specialTokens);
    this.specialTokens = this.#specials.ids;
  }

  encode(text: string, options?: EncodeOptions): Uint32Array {
    const segments = this.#specials.split("BpeTokenizer.encode", text, options);
    const parts = segments.map(({ start, end, id }) =>
      id === undefined ? this.encoding.encodeOrdinary(text.slice(start, end)) : Uint32Array.of(id),
    );
    if (parts.length === 1) return parts[0];
    const ids = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let count = 0;
    for (const part of parts) {
      ids.set(part, count);
      count += part.length;
    }
    return ids;
  }

  decode(ids: Iterable<number> | ArrayLike<number>, { skipSpecialTokens = false }: DecodeOptions = {}): string {
    const indexed = indexedIds("BpeTokenizer.decode", ids);
    const kept = skipSpecialTokens ? Array.from(indexed).filter((id) => !this.#specials.has(id)) : indexed;
    return this.encoding.decode(kept);
  }

  decodeStream({ skipSpecialTokens = false }: DecodeOptions = {}): DecodeStream {
    const stream = this.encoding.decodeStream();
    return {
      push: (id) => (skipSpecialTokens && this.#specials.has(id) ? "" : stream.push(id)),
      end: () => stream.end(),
    };
  }

  idToToken(id: number): string {
    checkId("BpeTokenizer.idToToken", id, this.vocabSize);
    const bytes = this.encoding.decodeSingleTokenBytes(id);
    return this.#specials.has(id) ? this.encoding.decode([id]) : toByteSymbols(bytes);
  }

  tokenToId(token: string): number | undefined {
    if (typeof token !== "string") {
      throw new TypeError(`BpeTokenizer.tokenToId: expected a string, got ${describe(token)}`);
    }
    const special = this.specialTokens.get(token);
    if (special !== undefined) return special;
    const bytes = fromByteSymbols(token);
    const id = bytes === undefined ? -1 : encodingParts("BpeTokenizer", this.encoding).tokens.idOf(bytes);
    return id < 0 ? undefined : id;
  }

  tokenBytes(id: number): Uint8Array {
    checkId("BpeTokenizer.tokenBytes", id, this.vocabSize);
    if (this.#specials.has(id)) return this.encoding.decodeSingleTokenBytes(id);
    return encodingParts("BpeTokenizer", this.encoding).tokens.bytesOf(id).slice();
  }

  /**
   * The content of a `tokenizer.json` that gives the same ids in Hugging Face's libraries.
   *
   * @throws RangeError if the ids are not in the order of the merges, or a token is not what its own bytes encode to: such an
   * encoding has no merges to be written down.
   */
  toJSON(): TokenizerJson {
    return bpeTokenizerJson(this.encoding);
  }
}
