/**
 * From ids to bytes and text. The bytes of an id may be part of a character only, so that text comes from all of them together.
 */

import type { TokenBytes } from "../bpe/tokenBytes.ts";
import { describe } from "../describe.ts";
import { checkId, indexedIds } from "../ids.ts";
import type { DecodeStream } from "../tokenizer.ts";
import type { OffsetUnit } from "../textOffsets.ts";
import { tokenOffsets, type TokenOffsets } from "../tokenOffsets.ts";
import { encodeUtf8, invalidUtf8, utf8Decoder } from "../utf8.ts";

/** Ids in any form. */
export type Ids = Iterable<number> | ArrayLike<number>;

/**
 * What becomes of bytes that are no UTF-8: each stretch of them becomes U+FFFD, is left out, or is an error; Python's three most used
 * error handlers of the same names.
 */
export type DecodeErrors = "replace" | "ignore" | "strict";

/** How to decode. */
export interface TextDecodeOptions {
  /** @defaultValue "replace" */
  readonly errors?: DecodeErrors;
}

/** A text and the places of its tokens. */
export interface DecodedWithOffsets extends TokenOffsets {
  readonly text: string;
}

/** Decodes the ids of one encoding. */
export class TokenDecoder {
  readonly #name: string;
  readonly #nVocab: number;
  readonly #specialBytes: ReadonlyMap<number, Uint8Array>;
  readonly #longestSpecial: number;
  readonly #tokens: () => TokenBytes;

  /** @param tokens - Called when the tokens are first needed. */
  constructor(name: string, nVocab: number, specialBytes: ReadonlyMap<number, Uint8Array>, tokens: () => TokenBytes) {
    this.#name = name;
    this.#nVocab = nVocab;
    this.#specialBytes = specialBytes;
    this.#longestSpecial = [...specialBytes.values()].reduce((longest, { length }) => Math.max(longest, length), 0);
    this.#tokens = tokens;
  }

  /** Bytes of the longest token, special ones among them. */
  get longest(): number {
    return Math.max(this.#longestSpecial, this.#tokens().longest);
  }

  /** A view of the bytes of one id. @throws RangeError if there is no such id. */
  bytesOf(caller: string, id: number): Uint8Array {
    checkId(caller, id, this.#nVocab);
    const bytes = this.#specialBytes.get(id) ?? this.#tokens().bytesOf(id);
    if (bytes.length === 0)
      throw new RangeError(`${caller}: expected an id of ${this.#name}, got ${id}, which it leaves out`);
    return bytes;
  }

  /** The id of a token, given by its text or its bytes, ordinary tokens first. */
  idOf(caller: string, token: string | Uint8Array): number | undefined {
    if (typeof token !== "string" && !(token instanceof Uint8Array)) {
      throw new TypeError(`${caller}: expected a token as a string or bytes, got ${describe(token)}`);
    }
    if (typeof token === "string" && /\p{Surrogate}/u.test(token)) return undefined;
    const bytes = typeof token === "string" ? encodeUtf8(token) : token;
    const id = this.#tokens().idOf(bytes);
    if (id >= 0) return id;
    for (const [special, spelling] of this.#specialBytes) {
      if (spelling.length === bytes.length && spelling.every((byte, at) => byte === bytes[at])) return special;
    }
    return undefined;
  }

  /** The bytes of all ids, joined. */
  bytes(caller: string, ids: Ids): Uint8Array<ArrayBuffer> {
    const indexed = indexedIds(caller, ids);
    const tokens = this.#tokens();
    let length = 0;
    for (let at = 0; at < indexed.length; at++) length += this.#lengthOf(caller, tokens, indexed[at] as number);
    const bytes = new Uint8Array(length);
    for (let at = 0, end = 0; at < indexed.length; at++) {
      const id = indexed[at] as number;
      if (tokens.lengthOf(id) > 0) {
        end = tokens.copyTo(id, bytes, end);
        continue;
      }
      const special = this.bytesOf(caller, id);
      bytes.set(special, end);
      end += special.length;
    }
    return bytes;
  }

  /** The text of all ids. */
  text(caller: string, ids: Ids, options: TextDecodeOptions = {}): string {
    if (typeof options !== "object" || options === null) {
      throw new TypeError(`${caller}: expected options such as { errors: "strict" }, got ${describe(options)}`);
    }
    const { errors = "replace" } = options;
    const bytes = this.bytes(caller, ids);
    if (errors === "replace") return utf8Decoder().decode(bytes);
    if (errors !== "strict" && errors !== "ignore") {
      throw new RangeError(`${caller}: expected errors "replace", "ignore" or "strict", got ${describe(errors)}`);
    }
    if (errors === "strict") return strictText(caller, bytes);
    const decoder = utf8Decoder();
    let text = "";
    let start = 0;
    for (let invalid = invalidUtf8(bytes, 0); invalid !== undefined; invalid = invalidUtf8(bytes, start)) {
      text += decoder.decode(bytes.subarray(start, invalid.start));
      start = invalid.end;
    }
    return text + decoder.decode(bytes.subarray(start));
  }

  /** The text of all ids, which must be UTF-8, and where each of them stands in it. */
  textWithOffsets(caller: string, ids: Ids, unit: OffsetUnit): DecodedWithOffsets {
    const indexed = indexedIds(caller, ids);
    const bytes = this.bytes(caller, indexed);
    const offsets = tokenOffsets(caller, bytes, this.lengths(caller, indexed), unit);
    return { text: strictText(caller, bytes), ...offsets };
  }

  /** The number of bytes of each id. */
  lengths(caller: string, ids: ArrayLike<number>): Uint32Array<ArrayBuffer> {
    const tokens = this.#tokens();
    return Uint32Array.from(ids, (id) => this.#lengthOf(caller, tokens, id));
  }

  /** Decodes ids one at a time. */
  stream(caller: string): DecodeStream {
    const decoder = utf8Decoder();
    return {
      push: (id) => decoder.decode(this.bytesOf(caller, id), { stream: true }),
      end: () => decoder.decode(),
    };
  }

  /** The number of bytes of one id; most are ordinary ones, which take no check but this. */
  #lengthOf(caller: string, tokens: TokenBytes, id: number): number {
    const length = typeof id === "number" ? tokens.lengthOf(id) : 0;
    return length > 0 ? length : this.bytesOf(caller, id).length;
  }
}

function strictText(caller: string, bytes: Uint8Array): string {
  const invalid = invalidUtf8(bytes, 0);
  if (invalid === undefined) return utf8Decoder().decode(bytes);
  throw new RangeError(
    `${caller}: expected ids whose bytes are UTF-8, got bytes that are not at byte ${invalid.start}; ` +
      `errors: "replace" decodes them as U+FFFD`,
  );
}
