/**
 * The byte-level tokenizer: one token per UTF-8 byte, and the id is the byte.
 *
 * 256 tokens can spell every text in every script, so nothing is ever unknown; the price is length, about one token
 * per letter of English and three per Korean syllable. Byte-level BPE starts from this alphabet and adds merges; this
 * tokenizer has none. In `tokenizer.json` the bytes are written in GPT-2's printable alphabet.
 */

import { byteSymbols } from "./byteAlphabet.ts";
import { describe, quote } from "./describe.ts";
import { checkId, indexedIds } from "./ids.ts";
import { checkSpecialTokens, SpecialTokens } from "./specialTokens.ts";
import type { DecodeOptions, DecodeStream, EncodeOptions, Tokenizer } from "./tokenizer.ts";
import { byteLevelDecoder, tokenizerDocument, type TokenizerJson } from "./tokenizerJson.ts";
import { encodeUtf8, utf8Decoder, type Utf8Decoder } from "./utf8.ts";

/** Options of {@link ByteTokenizer}. */
export interface ByteTokenizerOptions {
  /**
   * Special tokens, which get the ids 256, 257, ... in order.
   *
   * @defaultValue []
   */
  readonly specialTokens?: readonly string[];
}

/** Bytes that {@link ByteTokenizer.decode} hands to the UTF-8 decoder at a time. */
const CHUNK = 16_384;

/**
 * Tokens are the bytes of UTF-8: `encode(text)[i]` is byte `i`.
 *
 * @example
 * ```ts
 * const tokenizer = new ByteTokenizer({ specialTokens: ["<|endoftext|>"] });
 * tokenizer.vocabSize; // => 257
 * [...tokenizer.encode("é<|endoftext|>")]; // => [195, 169, 256]
 * tokenizer.decode([195, 169, 195]); // => "é\uFFFD"
 * ```
 */
export class ByteTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #specials: SpecialTokens;
  readonly #tokens: readonly string[];
  readonly #tokenIds: ReadonlyMap<string, number>;

  /**
   * @param options - The special tokens, if any.
   * @throws TypeError or RangeError if a special token is not a string, is empty, repeated, holds a lone surrogate, or
   * is spelled like one of the 256 byte symbols.
   */
  constructor({ specialTokens = [] }: ByteTokenizerOptions = {}) {
    const specials = checkSpecialTokens("ByteTokenizer", specialTokens);
    for (const token of specials) {
      if (byteSymbols.includes(token)) {
        throw new RangeError(
          `ByteTokenizer: expected special tokens unlike the byte symbols, got ${quote(token)}, which is byte ` +
            `${byteSymbols.indexOf(token)}`,
        );
      }
    }
    this.#tokens = [...byteSymbols, ...specials];
    this.#tokenIds = new Map(this.#tokens.map((token, id) => [token, id]));
    this.#specials = new SpecialTokens(new Map([...specials].map((token, i) => [token, 256 + i])));
    this.specialTokens = this.#specials.ids;
    this.vocabSize = this.#tokens.length;
  }

  encode(text: string, options?: EncodeOptions): Uint32Array {
    const pieces = this.#specials
      .split("ByteTokenizer.encode", text, options)
      .map(({ start, end, id }) => (id === undefined ? encodeUtf8(text.slice(start, end)) : [id]));
    const ids = new Uint32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let offset = 0;
    for (const piece of pieces) {
      ids.set(piece, offset);
      offset += piece.length;
    }
    return ids;
  }

  decode(ids: Iterable<number> | ArrayLike<number>, { skipSpecialTokens = false }: DecodeOptions = {}): string {
    const decoder = utf8Decoder();
    const bytes = new Uint8Array(CHUNK);
    let count = 0;
    let text = "";
    const indexed = indexedIds("ByteTokenizer.decode", ids);
    for (let i = 0; i < indexed.length; i++) {
      const id = indexed[i];
      checkId("ByteTokenizer.decode", id, this.vocabSize);
      if (id < 256) {
        bytes[count++] = id;
        if (count === CHUNK) {
          text += decoder.decode(bytes, { stream: true });
          count = 0;
        }
      } else if (!skipSpecialTokens) {
        text += decoder.decode(bytes.subarray(0, count)) + this.#tokens[id];
        count = 0;
      }
    }
    return text + decoder.decode(bytes.subarray(0, count));
  }

  decodeStream({ skipSpecialTokens = false }: DecodeOptions = {}): DecodeStream {
    return new ByteDecodeStream(this.#tokens, skipSpecialTokens);
  }

  idToToken(id: number): string {
    checkId("ByteTokenizer.idToToken", id, this.vocabSize);
    return this.#tokens[id];
  }

  tokenToId(token: string): number | undefined {
    if (typeof token !== "string") {
      throw new TypeError(`ByteTokenizer.tokenToId: expected a string, got ${describe(token)}`);
    }
    return this.#tokenIds.get(token);
  }

  tokenBytes(id: number): Uint8Array {
    checkId("ByteTokenizer.tokenBytes", id, this.vocabSize);
    return id < 256 ? Uint8Array.of(id) : encodeUtf8(this.#tokens[id]);
  }

  toJSON(): TokenizerJson {
    return tokenizerDocument({
      vocab: this.#tokenIds,
      merges: [],
      specialTokens: this.specialTokens,
      unknown: undefined,
      preTokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      decoder: byteLevelDecoder,
    });
  }
}

/** Holds back the bytes of an unfinished character; a special token ends whatever was unfinished. */
class ByteDecodeStream implements DecodeStream {
  readonly #tokens: readonly string[];
  readonly #skipSpecialTokens: boolean;
  readonly #decoder: Utf8Decoder = utf8Decoder();
  readonly #byte = new Uint8Array(1);

  constructor(tokens: readonly string[], skipSpecialTokens: boolean) {
    this.#tokens = tokens;
    this.#skipSpecialTokens = skipSpecialTokens;
  }

  push(id: number): string {
    checkId("DecodeStream.push", id, this.#tokens.length);
    if (id >= 256) return this.#skipSpecialTokens ? "" : this.#decoder.decode() + this.#tokens[id];
    this.#byte[0] = id;
    return this.#decoder.decode(this.#byte, { stream: true });
  }

  end(): string {
    return this.#decoder.decode();
  }
}
