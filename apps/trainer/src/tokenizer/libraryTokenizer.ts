/**
 * The tokenizers of `@llm-learning/tokenizers` by characters, bytes and byte pairs, for the `tokenizer` commands.
 */

import { BpeTokenizer, ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import type { SpecialTokenPolicy } from "@llm-learning/tokenizers/tiktoken";
import { placesOf } from "./placesOf.ts";
import type { PlacedTokens, PlaceUnit, TextOptions, TextTokenizer } from "./textTokenizer.ts";

const utf8 = new TextEncoder();

/** What special tokens in a text mean, as an encoding is told it. */
const policies: Readonly<Record<TextOptions["specialTokens"], SpecialTokenPolicy>> = {
  match: { allowedSpecial: "all" },
  text: { disallowedSpecial: [] },
  error: {},
};

/** One of the library's own tokenizers. */
export class LibraryTokenizer implements TextTokenizer {
  readonly kind: string;
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer) {
    this.kind =
      tokenizer instanceof CharacterTokenizer
        ? "characters"
        : tokenizer instanceof ByteTokenizer
          ? "bytes"
          : "byte-level BPE";
    this.vocabSize = tokenizer.vocabSize;
    this.specialTokens = tokenizer.specialTokens;
    this.#tokenizer = tokenizer;
  }

  encode(text: string, { specialTokens }: TextOptions): Uint32Array {
    return this.#tokenizer.encode(text, { specialTokens });
  }

  encodeWithPlaces(text: string, options: TextOptions, unit: PlaceUnit): PlacedTokens {
    const tokenizer = this.#tokenizer;
    if (tokenizer instanceof BpeTokenizer) {
      // Its pattern may pass over parts of a text: then there are ids but no places, as the encoding says.
      const { ids, offsets, ends } = tokenizer.encoding.encodeWithOffsets(text, {
        unit,
        ...policies[options.specialTokens],
      });
      return { ids, starts: offsets, ends };
    }
    const ids = this.encode(text, options);
    return { ids, ...placesOf(text, this.#lengths(text, ids), unit) };
  }

  decodeStream(options: { readonly skipSpecialTokens: boolean }): ReturnType<Tokenizer["decodeStream"]> {
    return this.#tokenizer.decodeStream(options);
  }

  ids(): Iterable<number> {
    return new Uint32Array(this.vocabSize).keys();
  }

  tokenOf(id: number): string | undefined {
    return this.bytesOf(id) === undefined ? undefined : this.#tokenizer.idToToken(id);
  }

  bytesOf(id: number): Uint8Array | undefined {
    const tokenizer = this.#tokenizer;
    if (tokenizer instanceof ByteTokenizer && id < 256) return Uint8Array.of(id);
    if (!(tokenizer instanceof BpeTokenizer)) return utf8.encode(tokenizer.decode([id]));
    try {
      return tokenizer.encoding.decodeSingleTokenBytes(id);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** Bytes of each token in the text: of an unknown character those of the character, not those of the token's name. */
  #lengths(text: string, ids: Uint32Array): Uint32Array {
    const known = new Map<number, number>();
    const lengthOf = (id: number): number => {
      const length = known.get(id) ?? this.bytesOf(id)?.length ?? 0;
      known.set(id, length);
      return length;
    };
    const tokenizer = this.#tokenizer;
    const unknown = tokenizer instanceof CharacterTokenizer ? tokenizer.unknown : undefined;
    if (unknown === undefined) return Uint32Array.from(ids, lengthOf);
    const unknownId = tokenizer.tokenToId(unknown);
    let index = 0;
    return Uint32Array.from(ids, (id) => {
      const isCharacter = id === unknownId && !text.startsWith(unknown, index);
      const spelling = isCharacter ? String.fromCodePoint(text.codePointAt(index) as number) : tokenizer.decode([id]);
      index += spelling.length;
      return isCharacter ? Buffer.byteLength(spelling) : lengthOf(id);
    });
  }
}
