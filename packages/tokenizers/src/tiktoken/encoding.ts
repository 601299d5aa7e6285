/**
 * A byte-level BPE encoding with the semantics of tiktoken: which special tokens a text may contain is the caller's decision at each
 * call, and their spelling in ordinary text is an error unless the caller says otherwise.
 *
 * @see https://github.com/openai/tiktoken
 */

import type { BpeTextEncoder } from "../bpe/textEncoder.ts";
import { describe, quote } from "../describe.ts";
import { indexedIds, listOf } from "../ids.ts";
import type { Segment } from "../specialTokens.ts";
import type { DecodeStream } from "../tokenizer.ts";
import type { OffsetUnit } from "../textOffsets.ts";
import { tokenOffsets } from "../tokenOffsets.ts";
import { encodeUtf8 } from "../utf8.ts";
import type { PatternName, SplitPattern } from "./encodingDefinitions.ts";
import type { EncodedWithOffsets, EncodeWithOffsetsOptions, EncodingOptions, Ranks } from "./encodingOptions.ts";
import {
  buildParts,
  checkedIds,
  checkNVocab,
  checkOptions,
  type EncodingParts,
  extendedTokens,
} from "./encodingParts.ts";
import { PackedVocabulary } from "./packedVocabulary.ts";
import { sortedTokens } from "./sortedTokens.ts";
import { type SpecialTokenPolicy, SpecialTokenRules } from "./specialTokenPolicy.ts";
import { type DecodedWithOffsets, type Ids, type TextDecodeOptions, TokenDecoder } from "./tokenDecoder.ts";
import { encodeInvalid, encodeUnstable, type UnstableEncoding } from "./unstableEnd.ts";

/** The parts of an encoding. @throws TypeError if it is none of this package. */
export let encodingParts: (caller: string, encoding: Encoding) => EncodingParts;

/** Text to ids and back. */
export class Encoding {
  static {
    encodingParts = (caller, encoding) => {
      if (typeof encoding !== "object" || encoding === null || !(#ranks in encoding)) {
        throw new TypeError(`${caller}: expected an Encoding, got ${describe(encoding)}`);
      }
      return encoding.#parts;
    };
  }

  readonly name: string;
  /** One more than the largest id. */
  readonly nVocab: number;
  /** Spelling to id of the special tokens, in id order. */
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly #pattern: PatternName | SplitPattern;
  readonly #ranks: Ranks;
  /** Built on first use: a program may import an encoding that it does not come to need. */
  #built: EncodingParts | undefined;
  readonly #rules: SpecialTokenRules;
  readonly #decoder: TokenDecoder;

  /** @throws RangeError if ranks or special tokens overlap, repeat, or do not hold all 256 bytes. */
  constructor(options: EncodingOptions) {
    checkOptions(options);
    const { name, pattern, ranks, specialTokens = {}, explicitNVocab } = options;
    const ids = checkedIds(specialTokens, ranks);
    this.name = name;
    this.#pattern = pattern;
    this.#ranks = ranks;
    if (!(ranks instanceof PackedVocabulary)) this.#built = buildParts(ranks, pattern);
    this.#rules = new SpecialTokenRules(ids);
    this.specialTokens = this.#rules.all.ids;
    this.nVocab = [...ids.values()].reduce(
      (largest, id) => Math.max(largest, id + 1),
      ranks instanceof PackedVocabulary ? ranks.size : ranks.length,
    );
    const specialBytes = new Map([...ids].toReversed().map(([token, id]) => [id, encodeUtf8(token)]));
    this.#decoder = new TokenDecoder(name, this.nVocab, specialBytes, () => this.#parts.tokens);
    if (explicitNVocab !== undefined) checkNVocab(explicitNVocab, this.#parts.tokens.count + ids.size, this.nVocab);
  }

  /** The id of `<|endoftext|>`, if the encoding has one. */
  get eotToken(): number | undefined {
    return this.specialTokens.get("<|endoftext|>");
  }

  /** Whether an id is a special token's. */
  isSpecialToken(id: number): boolean {
    return this.#rules.all.has(id);
  }

  /** The pattern that cuts text into pieces. */
  get pattern(): PatternName | SplitPattern {
    return this.#pattern;
  }

  /**
   * The same encoding with more special tokens, as for the markers of a chat.
   *
   * @throws RangeError if one of them has a spelling or an id that is taken.
   */
  extend({ name, specialTokens }: Pick<EncodingOptions, "name" | "specialTokens">): Encoding {
    const all = extendedTokens(this.specialTokens, specialTokens ?? {});
    return new Encoding({ name, pattern: this.#pattern, ranks: this.#ranks, specialTokens: all });
  }

  /** The bytes of all ordinary tokens, in the order of the bytes. */
  tokenByteValues(): Uint8Array[] {
    const { tokens } = this.#parts;
    return Array.from(sortedTokens(tokens).ids, (id) => tokens.bytesOf(id).slice());
  }

  /**
   * Turns text into ids, special tokens being ordinary text.
   *
   * @param text - Any string; a lone surrogate counts as U+FFFD.
   * @throws TypeError if `text` is not a string.
   */
  encodeOrdinary(text: string): Uint32Array<ArrayBuffer> {
    if (typeof text !== "string")
      throw new TypeError(`Encoding.encodeOrdinary: expected a string, got ${describe(text)}`);
    const { encoder } = this.#parts;
    encoder.reset();
    encoder.encode(text);
    return encoder.ids();
  }

  /**
   * Turns text into ids.
   *
   * @param text - Any string; a lone surrogate counts as U+FFFD.
   * @throws TypeError if `text` is not a string; RangeError naming a special token in the text that is not allowed.
   */
  encode(text: string, policy?: SpecialTokenPolicy): Uint32Array<ArrayBuffer> {
    return this.#encoded("Encoding.encode", text, policy).ids();
  }

  /**
   * Turns text into ids, written into an array of the caller's.
   *
   * @returns The number of ids, which are at the beginning of `target`.
   * @throws RangeError if `target` is too short, and is then left as it was; and as {@link Encoding.encode}.
   */
  encodeInto(text: string, target: Uint32Array, policy?: SpecialTokenPolicy): number {
    if (!(target instanceof Uint32Array)) {
      throw new TypeError(`Encoding.encodeInto: expected a Uint32Array to write into, got ${describe(target)}`);
    }
    return this.#encoded("Encoding.encodeInto", text, policy).moveInto("Encoding.encodeInto", target);
  }

  /** The number of ids that {@link Encoding.encode} gives. */
  count(text: string, policy?: SpecialTokenPolicy): number {
    return this.#encoded("Encoding.count", text, policy).takeCount();
  }

  /**
   * The number of ids that {@link Encoding.encode} gives if there are at most `limit`, found without encoding much more than that.
   *
   * @param limit - A number of ids, from 0.
   * @returns `undefined` if there are more.
   */
  countUpTo(text: string, limit: number, policy?: SpecialTokenPolicy): number | undefined {
    if (typeof limit !== "number" || !(limit >= 0))
      throw new RangeError(`Encoding.countUpTo: expected a limit from 0, got ${describe(limit)}`);
    const segments = this.#rules.split("Encoding.countUpTo", text, policy);
    if (text.length > limit * this.#decoder.longest) return undefined;
    const count = this.#encodeSegments(text, segments, limit).takeCount();
    return count <= limit ? count : undefined;
  }

  /**
   * Turns text into ids and says where each of them stands in the text.
   */
  encodeWithOffsets(text: string, options: EncodeWithOffsetsOptions = {}): EncodedWithOffsets {
    const ids = this.#encoded("Encoding.encodeWithOffsets", text, options).ids();
    const lengths = this.#decoder.lengths("Encoding.encodeWithOffsets", ids);
    return { ids, ...tokenOffsets("Encoding.encodeWithOffsets", encodeUtf8(text), lengths, options.unit ?? "utf16") };
  }

  /** Encodes several texts. */
  encodeBatch(texts: Iterable<string>, policy?: SpecialTokenPolicy): Uint32Array<ArrayBuffer>[] {
    return listOf("Encoding.encodeBatch", "texts", texts).map((text) => this.encode(text, policy));
  }

  /** Encodes several texts, special tokens being ordinary text. */
  encodeOrdinaryBatch(texts: Iterable<string>): Uint32Array<ArrayBuffer>[] {
    return listOf("Encoding.encodeOrdinaryBatch", "texts", texts).map((text) => this.encodeOrdinary(text));
  }

  /**
   * The id of one token, given by its text or its bytes; ordinary tokens come before special ones.
   *
   * @throws RangeError if it is no single token.
   */
  encodeSingleToken(token: string | Uint8Array): number {
    const id = this.#decoder.idOf("Encoding.encodeSingleToken", token);
    if (id !== undefined) return id;
    const shown = typeof token === "string" ? quote(token) : `${token.length} bytes that are none`;
    throw new RangeError(`Encoding.encodeSingleToken: expected a token of ${this.name}, got ${shown}`);
  }

  /**
   * Turns bytes into ids, special tokens being ordinary text. Bytes that are no UTF-8, which no pattern can cut, are merged from the last
   * piece before them on, as tiktoken's `_encode_bytes` does.
   */
  encodeBytes(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`Encoding.encodeBytes: expected a Uint8Array, got ${describe(bytes)}`);
    }
    return encodeInvalid(this.#parts, bytes);
  }

  /**
   * Turns a text whose end may go on into the ids that will stay, and what the others may become.
   *
   * @returns The stable ids, and all that may follow them; each sequence covers the rest of the text, the last id perhaps more.
   */
  encodeWithUnstable(text: string, policy?: SpecialTokenPolicy): UnstableEncoding {
    const segments = this.#rules.split("Encoding.encodeWithUnstable", text, policy);
    const last = segments.at(-1);
    const isOpen = last !== undefined && last.id === undefined;
    const before = this.#encodeSegments(text, isOpen ? segments.slice(0, -1) : segments).ids();
    return isOpen ? encodeUnstable(this.#parts, before, text.slice(last.start)) : { stable: before, completions: [] };
  }

  /**
   * The bytes of one id.
   *
   * @throws RangeError if the encoding has no such id.
   */
  decodeSingleTokenBytes(id: number): Uint8Array {
    return this.#decoder.bytesOf("Encoding.decodeSingleTokenBytes", id).slice();
  }

  /** The bytes of each id. */
  decodeTokensBytes(ids: Ids): Uint8Array[] {
    return Array.from(indexedIds("Encoding.decodeTokensBytes", ids), (id) =>
      this.#decoder.bytesOf("Encoding.decodeTokensBytes", id).slice(),
    );
  }

  /**
   * The bytes of all ids, joined.
   *
   * @throws RangeError if the encoding lacks one of the ids.
   */
  decodeBytes(ids: Ids): Uint8Array<ArrayBuffer> {
    return this.#decoder.bytes("Encoding.decodeBytes", ids);
  }

  /**
   * Turns ids into text.
   *
   * @param options - What becomes of bytes that are no UTF-8.
   * @throws RangeError if the encoding lacks one of the ids, or under `errors: "strict"` if the bytes are no UTF-8.
   */
  decode(ids: Ids, options?: TextDecodeOptions): string {
    return this.#decoder.text("Encoding.decode", ids, options);
  }

  /**
   * Turns ids into text and says where each of them stands in it.
   *
   * @throws RangeError if the encoding lacks one of the ids, or the bytes are no UTF-8.
   */
  decodeWithOffsets(ids: Ids, { unit = "utf16" }: { readonly unit?: OffsetUnit } = {}): DecodedWithOffsets {
    return this.#decoder.textWithOffsets("Encoding.decodeWithOffsets", ids, unit);
  }

  /** Decodes several lists of ids. */
  decodeBatch(batch: Iterable<Ids>, options?: TextDecodeOptions): string[] {
    return listOf("Encoding.decodeBatch", "lists of ids", batch).map((ids) => this.decode(ids, options));
  }

  /** The bytes of several lists of ids. */
  decodeBytesBatch(batch: Iterable<Ids>): Uint8Array<ArrayBuffer>[] {
    return listOf("Encoding.decodeBytesBatch", "lists of ids", batch).map((ids) => this.decodeBytes(ids));
  }

  /** Starts decoding ids one at a time; each stream has its own state and never gives half a character. */
  decodeStream(): DecodeStream {
    return this.#decoder.stream("Encoding.decodeStream");
  }

  get #parts(): EncodingParts {
    this.#built ??= buildParts(this.#ranks, this.#pattern);
    return this.#built;
  }

  /** The encoder, holding the ids of a text. */
  #encoded(caller: string, text: string, policy?: SpecialTokenPolicy): BpeTextEncoder {
    return this.#encodeSegments(text, this.#rules.split(caller, text, policy));
  }

  #encodeSegments(text: string, segments: readonly Segment[], limit?: number): BpeTextEncoder {
    const { encoder } = this.#parts;
    encoder.reset();
    for (const { start, end, id } of segments) {
      if (id === undefined) encoder.encode(text.slice(start, end), limit);
      else encoder.push(id);
    }
    return encoder;
  }
}
