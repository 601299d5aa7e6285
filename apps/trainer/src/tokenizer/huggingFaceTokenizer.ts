/**
 * The `tokenizer.json` files of others, with whatever components they have: for the `tokenizer` commands, and as the tokenizer of a
 * model.
 */

import {
  ByteTokenizer,
  type DecodeOptions,
  type DecodeStream,
  type Tokenizer,
  type TokenizerJson,
} from "@llm-learning/tokenizers";
import { Tokenizer as Pipeline } from "@llm-learning/tokenizers/huggingface";
import type { PlacedTokens, PlaceUnit, TextOptions, TextTokenizer } from "./textTokenizer.ts";

/** What is read of the document besides. */
interface Document {
  readonly model: { readonly type?: string };
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  readonly decoder: unknown;
}

const utf8 = new TextEncoder();

/** A tokenizer of Hugging Face's library. It never cuts a text off or fills it up, whatever its file says. */
export class HuggingFaceTokenizer implements Tokenizer, TextTokenizer {
  readonly kind: string;
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #pipeline: Pipeline;
  /** Byte by symbol, where tokens are spelled in symbols of bytes. */
  readonly #byteSymbols: ReadonlyMap<string, number> | undefined;

  /** @throws TypeError or RangeError naming the first field of the document that is wrong. */
  constructor(document: object) {
    this.#pipeline = Pipeline.fromJSON({ ...document, truncation: null, padding: null });
    const { model, added_tokens: added, decoder } = this.#pipeline.toJSON() as unknown as Document;
    const isByteLevel = JSON.stringify(decoder).includes('"ByteLevel"');
    this.kind = `Hugging Face ${isByteLevel ? "byte-level " : ""}${model.type ?? "BPE"}`;
    this.vocabSize = 1 + [...this.#pipeline.vocabulary().values()].reduce((most, id) => Math.max(most, id), -1);
    this.specialTokens = new Map(added.filter(({ special }) => special).map(({ content, id }) => [content, id]));
    this.#byteSymbols = isByteLevel ? byteSymbols() : undefined;
  }

  encode(text: string, options: Partial<TextOptions> = {}): Uint32Array {
    return this.#encode(text, options, "byte").ids;
  }

  encodeWithPlaces(text: string, options: TextOptions, unit: PlaceUnit): PlacedTokens {
    const { ids, offsets } = this.#encode(text, options, unit);
    return {
      ids,
      starts: Uint32Array.from(offsets, ([start]) => start),
      ends: Uint32Array.from(offsets, ([, end]) => end),
    };
  }

  decode(ids: Iterable<number> | ArrayLike<number>, options?: DecodeOptions): string {
    return this.#pipeline.decode(ids, options);
  }

  decodeStream(options?: DecodeOptions): DecodeStream {
    return this.#pipeline.decodeStream(options);
  }

  tokenToId(token: string): number | undefined {
    return this.#pipeline.tokenToId(token);
  }

  idToToken(id: number): string {
    const token = this.tokenOf(id);
    if (token !== undefined) return token;
    throw new RangeError(`expected an id of the tokenizer, got ${id}`);
  }

  tokenBytes(id: number): Uint8Array {
    return this.#pipeline.tokenBytes(id);
  }

  ids(): Iterable<number> {
    // Not all from 0 on: a file may give its few tokens ids of two thousand million.
    return new Set([...this.#pipeline.vocabulary().values()].toSorted((a, b) => a - b));
  }

  tokenOf(id: number): string | undefined {
    return this.#pipeline.idToToken(id);
  }

  bytesOf(id: number): Uint8Array | undefined {
    const token = this.tokenOf(id);
    if (token === undefined) return undefined;
    if (this.specialTokens.has(token)) return utf8.encode(token);
    const symbols = this.#byteSymbols;
    const bytes = symbols === undefined ? undefined : [...token].map((symbol) => symbols.get(symbol));
    if (bytes !== undefined && !bytes.includes(undefined)) return Uint8Array.from(bytes as number[]);
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return utf8.encode(token.replaceAll("\u2581", " "));
  }

  /** The file's content. Its model need not be one of those that the library itself writes. */
  toJSON(): TokenizerJson {
    return this.#pipeline.toJSON() as unknown as TokenizerJson;
  }

  #encode(text: string, options: Partial<TextOptions>, unit: PlaceUnit): ReturnType<Pipeline["encode"]> {
    const { specialTokens = "match", addsSpecialTokens: addSpecialTokens = false } = options;
    const meaning = specialTokens === "text" ? "text" : "match";
    const encoded = this.#pipeline.encode(text, { specialTokens: meaning, addSpecialTokens, unit });
    if (specialTokens !== "error") return encoded;
    const special = new Set(this.specialTokens.values());
    const index = encoded.ids.findIndex((id, i) => special.has(id) && encoded.specialTokensMask[i] === 0);
    if (index < 0) return encoded;
    const token = JSON.stringify(this.tokenOf(encoded.ids[index]));
    throw new RangeError(`expected text without special tokens, got ${token}`);
  }
}

/** The symbols that byte-level tokenizers spell bytes with. */
function byteSymbols(): ReadonlyMap<string, number> {
  const bytes = new ByteTokenizer();
  return new Map(Array.from({ length: 256 }, (_, byte) => [bytes.idToToken(byte), byte]));
}
