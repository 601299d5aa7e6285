/**
 * A byte-level BPE encoding with the semantics of tiktoken: which special tokens a text may contain is the caller's decision at each
 * call, and their spelling in ordinary text is an error unless the caller says otherwise.
 *
 * @see https://github.com/openai/tiktoken
 */

import { BpeTextEncoder } from "../bpe/textEncoder.ts";
import { TokenBytes } from "../bpe/tokenBytes.ts";
import { describe, quote } from "../describe.ts";
import { checkId, indexedIds } from "../ids.ts";
import { checkSpecialTokens, SpecialTokens } from "../specialTokens.ts";
import type { ByteSplitter } from "../splitting/byteSplitter.ts";
import type { DecodeStream } from "../tokenizer.ts";
import { encodeUtf8, utf8Decoder } from "../utf8.ts";
import { type PatternName, splittings } from "./encodingDefinitions.ts";
import { PackedVocabulary } from "./packedVocabulary.ts";

/** What an {@link Encoding} is made of. */
export interface EncodingOptions {
  /** A name for messages, such as `"cl100k_base"`. */
  readonly name: string;
  /** The pattern that cuts text into pieces before the merges. */
  readonly pattern: PatternName;
  /** The bytes of each token by its rank, as {@link parseTiktoken} reads them. */
  readonly ranks: readonly (Uint8Array | undefined)[] | PackedVocabulary;
  /** Spelling to id. */
  readonly specialTokens?: Readonly<Record<string, number>>;
}

/** Which special tokens a text may contain. */
export interface SpecialTokenPolicy {
  /**
   * The special tokens whose spelling gives their id.
   *
   * @defaultValue none
   */
  readonly allowedSpecial?: "all" | Iterable<string>;
  /**
   * The special tokens whose spelling is refused; `"all"` means all that are not allowed. An empty list lets them pass as ordinary text.
   *
   * @defaultValue "all"
   */
  readonly disallowedSpecial?: "all" | Iterable<string>;
}

/** What an encoding works with, for the other parts of this package that need more than its public face. */
export interface EncodingParts {
  readonly pattern: PatternName;
  readonly tokens: TokenBytes;
  readonly split: ByteSplitter;
  readonly encoder: BpeTextEncoder;
}

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
  readonly #pattern: PatternName;
  readonly #ranks: readonly (Uint8Array | undefined)[] | PackedVocabulary;
  /** Built on first use: a program may import an encoding that it does not come to need. */
  #built: EncodingParts | undefined;
  readonly #special: SpecialTokens;
  readonly #specialBytes: ReadonlyMap<number, Uint8Array>;
  /** A finder for each set of special tokens in use, so that a text is scanned for those only. */
  readonly #finders = new Map<string, SpecialTokens>();

  /** @throws RangeError if ranks or special tokens overlap, repeat, or do not hold all 256 bytes. */
  constructor({ name, pattern, ranks, specialTokens = {} }: EncodingOptions) {
    if (!Object.hasOwn(splittings, pattern)) {
      throw new RangeError(
        `Encoding: expected pattern ${Object.keys(splittings).join(", ")}, got ${describe(pattern)}`,
      );
    }
    const ids = new Map(Object.entries(specialTokens));
    checkSpecialTokens("Encoding", [...ids.keys()]);
    for (const [token, id] of ids) {
      if (!Number.isInteger(id) || id < 0 || id > 0x7fffffff) {
        throw new RangeError(`Encoding: expected an id for ${quote(token)}, got ${describe(id)}`);
      }
      // Two spellings may share an id, as <|endofprompt|> and <|reserved_200018|> do in o200k_harmony; the first is the one decoded.
      if (Array.isArray(ranks) && ranks[id] !== undefined) {
        throw new RangeError(
          `Encoding: expected a free id for ${quote(token)}, got ${id}, which an ordinary token has`,
        );
      }
    }
    this.name = name;
    this.#pattern = pattern;
    this.#ranks = ranks;
    if (!(ranks instanceof PackedVocabulary)) this.#built = buildParts(ranks, pattern);
    this.#special = new SpecialTokens(ids);
    this.specialTokens = this.#special.ids;
    this.#specialBytes = new Map([...ids].toReversed().map(([token, id]) => [id, encodeUtf8(token)]));
    this.nVocab = [...ids.values()].reduce(
      (largest, id) => Math.max(largest, id + 1),
      Array.isArray(ranks) ? ranks.length : (ranks as PackedVocabulary).size,
    );
  }

  /** The id of `<|endoftext|>`, if the encoding has one. */
  get eotToken(): number | undefined {
    return this.specialTokens.get("<|endoftext|>");
  }

  /** Whether an id is a special token's. */
  isSpecialToken(id: number): boolean {
    return this.#special.has(id);
  }

  /**
   * Turns text into ids, special tokens being ordinary text.
   *
   * @param text - Any string; a lone surrogate counts as U+FFFD.
   * @throws TypeError if `text` is not a string.
   */
  encodeOrdinary(text: string): Uint32Array<ArrayBuffer> {
    checkText("encodeOrdinary", text);
    this.#parts.encoder.reset();
    this.#parts.encoder.encode(text);
    return this.#parts.encoder.ids();
  }

  /**
   * Turns text into ids.
   *
   * @param text - Any string; a lone surrogate counts as U+FFFD.
   * @throws TypeError if `text` is not a string; RangeError naming a special token in the text that is not allowed.
   */
  encode(text: string, policy: SpecialTokenPolicy = {}): Uint32Array<ArrayBuffer> {
    checkText("encode", text);
    const { allowedSpecial = [], disallowedSpecial = "all" } = policy;
    const allowed =
      allowedSpecial === "all" ? new Set(this.specialTokens.keys()) : setOf("allowedSpecial", allowedSpecial);
    const refused =
      disallowedSpecial === "all"
        ? new Set([...this.specialTokens.keys()].filter((token) => !allowed.has(token)))
        : setOf("disallowedSpecial", disallowedSpecial);
    this.#refuse(text, refused);
    this.#parts.encoder.reset();
    for (const { start, end, id } of this.#finder(allowed).split("encode", text)) {
      if (id === undefined) this.#parts.encoder.encode(text.slice(start, end));
      else this.#parts.encoder.push(id);
    }
    return this.#parts.encoder.ids();
  }

  /** The number of ids that {@link Encoding.encode} gives. */
  count(text: string, policy: SpecialTokenPolicy = {}): number {
    return this.encode(text, policy).length;
  }

  /** Encodes several texts. */
  encodeBatch(texts: readonly string[], policy: SpecialTokenPolicy = {}): Uint32Array<ArrayBuffer>[] {
    return texts.map((text) => this.encode(text, policy));
  }

  /**
   * The id of one token, special or not, given by its text or its bytes.
   *
   * @throws RangeError if it is no single token.
   */
  encodeSingleToken(token: string | Uint8Array): number {
    const special = typeof token === "string" ? this.specialTokens.get(token) : undefined;
    const id = special ?? this.#parts.tokens.idOf(typeof token === "string" ? encodeUtf8(token) : token);
    if (id >= 0) return id;
    const shown = typeof token === "string" ? quote(token) : `${token.length} bytes that are none`;
    throw new RangeError(`encodeSingleToken: expected a token of ${this.name}, got ${shown}`);
  }

  /**
   * The bytes of one id.
   *
   * @throws RangeError if the encoding has no such id.
   */
  decodeSingleTokenBytes(id: number): Uint8Array {
    return this.#bytesOf("decodeSingleTokenBytes", id).slice();
  }

  /** The bytes of each id. */
  decodeTokensBytes(ids: Iterable<number> | ArrayLike<number>): Uint8Array[] {
    const indexed = indexedIds("decodeTokensBytes", ids);
    return Array.from(indexed, (id) => this.#bytesOf("decodeTokensBytes", id).slice());
  }

  /**
   * The bytes of all ids, joined.
   *
   * @throws RangeError if the encoding lacks one of the ids.
   */
  decodeBytes(ids: Iterable<number> | ArrayLike<number>): Uint8Array {
    const indexed = indexedIds("decodeBytes", ids);
    let length = 0;
    for (let at = 0; at < indexed.length; at++) length += this.#bytesOf("decodeBytes", indexed[at] as number).length;
    const bytes = new Uint8Array(length);
    for (let at = 0, end = 0; at < indexed.length; at++) {
      const token = this.#bytesOf("decodeBytes", indexed[at] as number);
      bytes.set(token, end);
      end += token.length;
    }
    return bytes;
  }

  /**
   * Turns ids into text; bytes that are not valid UTF-8 become U+FFFD.
   *
   * @throws RangeError if the encoding lacks one of the ids.
   */
  decode(ids: Iterable<number> | ArrayLike<number>): string {
    return utf8Decoder().decode(this.decodeBytes(ids));
  }

  /** Decodes several lists of ids. */
  decodeBatch(batch: readonly (Iterable<number> | ArrayLike<number>)[]): string[] {
    return batch.map((ids) => this.decode(ids));
  }

  /** Starts decoding ids one at a time; each stream has its own state and never gives half a character. */
  decodeStream(): DecodeStream {
    const decoder = utf8Decoder();
    return {
      push: (id) => decoder.decode(this.#bytesOf("decodeStream", id), { stream: true }),
      end: () => decoder.decode(),
    };
  }

  get #parts(): EncodingParts {
    this.#built ??= buildParts(this.#ranks, this.#pattern);
    return this.#built;
  }

  #bytesOf(caller: string, id: number): Uint8Array {
    checkId(caller, id, this.nVocab);
    const bytes = this.#specialBytes.get(id) ?? this.#parts.tokens.bytesOf(id);
    if (bytes.length === 0)
      throw new RangeError(`${caller}: expected an id of ${this.name}, got ${id}, which it leaves out`);
    return bytes;
  }

  #refuse(text: string, refused: ReadonlySet<string>): void {
    const unknown = [...refused].filter((token) => !this.specialTokens.has(token));
    const found = this.#finder(refused)
      .split("encode", text)
      .find(({ id }) => id !== undefined);
    const stray = unknown.find((token) => text.includes(token));
    const token = found === undefined ? stray : text.slice(found.start, found.end);
    if (token === undefined) return;
    throw new RangeError(
      `encode: expected text without the special token ${quote(token)}, got it at index ${text.indexOf(token)}; to encode it as the ` +
        `special token pass allowedSpecial: [${quote(token)}], to encode it as ordinary text pass disallowedSpecial: []`,
    );
  }

  #finder(tokens: ReadonlySet<string>): SpecialTokens {
    if (tokens.size === this.specialTokens.size && [...tokens].every((token) => this.specialTokens.has(token))) {
      return this.#special;
    }
    const ids = new Map([...this.specialTokens].filter(([token]) => tokens.has(token)));
    const key = [...ids.values()].join();
    const known = this.#finders.get(key);
    if (known !== undefined) return known;
    if (this.#finders.size >= 16) this.#finders.clear();
    const finder = new SpecialTokens(ids);
    this.#finders.set(key, finder);
    return finder;
  }
}

function buildParts(ranks: EncodingOptions["ranks"], pattern: PatternName): EncodingParts {
  const tokens = ranks instanceof PackedVocabulary ? ranks.unpack() : TokenBytes.fromTokens(ranks);
  const { createSplitter, words } = splittings[pattern];
  const split = createSplitter();
  return { pattern, tokens, split, encoder: new BpeTextEncoder(tokens, split, words) };
}

function checkText(caller: string, text: string): void {
  if (typeof text !== "string") throw new TypeError(`${caller}: expected a string, got ${describe(text)}`);
}

function setOf(option: string, tokens: Iterable<string>): Set<string> {
  if (typeof tokens === "object" && tokens !== null && Symbol.iterator in tokens) return new Set(tokens);
  throw new TypeError(`encode: expected ${option} to be "all" or a list of special tokens, got ${describe(tokens)}`);
}
