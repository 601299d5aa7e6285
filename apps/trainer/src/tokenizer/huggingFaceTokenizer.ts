/**
 * The `tokenizer.json` files of others, with whatever components they have, for the `tokenizer` commands.
 */

import { ByteTokenizer, type DecodeStream } from "@llm-learning/tokenizers";
import type { Tokenizer } from "@llm-learning/tokenizers/huggingface";
import type { PlacedTokens, PlaceUnit, TextOptions, TextTokenizer } from "./textTokenizer.ts";

/** What is read of the document besides. */
interface Document {
  readonly model?: { readonly type?: string };
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

const utf8 = new TextEncoder();

/** A tokenizer of Hugging Face's library. */
export class HuggingFaceTokenizer implements TextTokenizer {
  readonly kind: string;
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #tokenizer: Tokenizer;
  /** Byte by symbol, where tokens are spelled in symbols of bytes. */
  readonly #byteSymbols: ReadonlyMap<string, number> | undefined;

  constructor(tokenizer: Tokenizer) {
    const document = tokenizer.toJSON();
    const { model, added_tokens: added = [] } = document as Document;
    const isByteLevel = JSON.stringify(document.decoder).includes('"ByteLevel"');
    this.kind = `Hugging Face ${isByteLevel ? "byte-level " : ""}${model?.type ?? "BPE"}`;
    this.vocabSize = 1 + [...tokenizer.vocabulary().values()].reduce((most, id) => Math.max(most, id), -1);
    this.specialTokens = new Map(added.filter(({ special }) => special).map(({ content, id }) => [content, id]));
    this.#tokenizer = tokenizer;
    this.#byteSymbols = isByteLevel ? byteSymbols() : undefined;
  }

  encode(text: string, options: TextOptions): Uint32Array {
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

  decodeStream(options: { readonly skipSpecialTokens: boolean }): DecodeStream {
    return this.#tokenizer.decodeStream(options);
  }

  tokenOf(id: number): string | undefined {
    return this.#tokenizer.idToToken(id);
  }

  bytesOf(id: number): Uint8Array | undefined {
    const token = this.tokenOf(id);
    if (token === undefined || this.specialTokens.has(token))
      return token === undefined ? undefined : utf8.encode(token);
    const symbols = this.#byteSymbols;
    const bytes = symbols === undefined ? undefined : [...token].map((symbol) => symbols.get(symbol));
    if (bytes !== undefined && !bytes.includes(undefined)) return Uint8Array.from(bytes as number[]);
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return utf8.encode(token.replaceAll("\u2581", " "));
  }

  #encode(text: string, options: TextOptions, unit: PlaceUnit): ReturnType<Tokenizer["encode"]> {
    const { specialTokens, addsSpecialTokens: addSpecialTokens } = options;
    const meaning = specialTokens === "text" ? "text" : "match";
    const encoded = this.#tokenizer.encode(text, { specialTokens: meaning, addSpecialTokens, unit });
    if (specialTokens !== "error") return encoded;
    const special = new Set(this.specialTokens.values());
    const index = encoded.ids.findIndex((id, i) => special.has(id) && encoded.specialTokensMask[i] === 0);
    if (index < 0) return encoded;
    throw new RangeError(
      `expected text without special tokens, got ${JSON.stringify(this.tokenOf(encoded.ids[index]))}`,
    );
  }
}

/** The symbols that byte-level tokenizers spell bytes with. */
function byteSymbols(): ReadonlyMap<string, number> {
  const bytes = new ByteTokenizer();
  return new Map(Array.from({ length: 256 }, (_, byte) => [bytes.idToToken(byte), byte]));
}
