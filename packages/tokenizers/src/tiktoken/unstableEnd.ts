/**
 * The end of a text that is not yet complete: which tokens will stay whatever comes next, and what the others may become.
 *
 * It follows tiktoken, whose two functions are approximations: a piece counts as settled once another follows it, except white space.
 */

import type { BpeTextEncoder } from "../bpe/textEncoder.ts";
import type { TokenBytes } from "../bpe/tokenBytes.ts";
import { PADDING } from "../splitting/byteSplitter.ts";
import { characterClasses, SPACE } from "../unicode/characterClasses.ts";
import { encodeUtf8, invalidUtf8, utf8Decoder } from "../utf8.ts";
import { splittingOf } from "./encodingDefinitions.ts";
import type { EncodingParts } from "./encodingParts.ts";
import { sortedTokens } from "./sortedTokens.ts";

/** Ids of a text that is not yet complete. */
export interface UnstableEncoding {
  /** The ids that stay. */
  readonly stable: Uint32Array<ArrayBuffer>;
  /** Sequences of ids that may follow: each covers the rest of the text, the last id perhaps more. In no order that means anything. */
  readonly completions: Uint32Array<ArrayBuffer>[];
}

/**
 * Encodes a text whose end may go on.
 *
 * @param before - Ids of what comes before the text, which stay.
 * @param text - Ordinary text, without special tokens.
 * @see https://github.com/openai/tiktoken/blob/main/src/lib.rs (`_encode_unstable_native`)
 */
export function encodeUnstable(parts: EncodingParts, before: Uint32Array, text: string): UnstableEncoding {
  const { encoder, tokens } = parts;
  const ids = idsOf(encoder, text);
  const kept = stableCount(parts, ids, encodeUtf8(text));
  const rest = bytesOf(tokens, ids.subarray(kept));
  const found = new Map<string, Uint32Array<ArrayBuffer>>();
  const add = (sequence: Uint32Array<ArrayBuffer>) => found.set(sequence.join(), sequence);
  if (rest.length > 0) {
    for (const id of sortedTokens(tokens).startingWith(rest)) add(Uint32Array.of(id));
    // A token that goes on with the rest begins no further from its end than the longest token is long.
    for (let cut = Math.max(1, rest.length - tokens.longest); cut < rest.length; cut++) {
      for (const id of sortedTokens(tokens).startingWith(rest.subarray(cut))) {
        const possible = concatenated(rest.subarray(0, cut), tokens.bytesOf(id));
        const encoded =
          invalidUtf8(possible, 0) === undefined
            ? idsOf(encoder, utf8Decoder().decode(possible))
            : pieceIds(encoder, possible);
        add(covering(tokens, encoded, rest.length));
      }
    }
    const last = lastCharacter(rest);
    if (last > 0 && isSpace(rest.subarray(last))) {
      add(concatenatedIds(pieceIds(encoder, rest.subarray(0, last)), pieceIds(encoder, rest.subarray(last))));
    }
  }
  return { stable: concatenatedIds(before, ids.subarray(0, kept)), completions: [...found.values()] };
}

/**
 * Encodes bytes that may be no UTF-8: from the last piece before the first invalid byte on, the bytes are merged without being cut.
 *
 * @see https://github.com/openai/tiktoken/blob/main/src/lib.rs (`_encode_bytes`)
 */
export function encodeInvalid(parts: EncodingParts, bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const { encoder, tokens } = parts;
  const end = invalidUtf8(bytes, 0)?.start ?? bytes.length;
  const valid = bytes.subarray(0, end);
  const ids = idsOf(encoder, utf8Decoder().decode(valid));
  if (end === bytes.length) return ids;
  const kept = stableCount(parts, ids, valid);
  const tail = concatenated(bytesOf(tokens, ids.subarray(kept)), bytes.subarray(end));
  return concatenatedIds(ids.subarray(0, kept), pieceIds(encoder, tail));
}

/** How many ids come before the last piece; tokens of white space before it may join it, if it begins with such a one. */
function stableCount(parts: EncodingParts, ids: Uint32Array, text: Uint8Array): number {
  const { tokens } = parts;
  let kept = ids.length;
  const [start, end] = lastPiece(parts, text);
  for (let length = end - start; length > 0; kept--) {
    length -= tokens.bytesOf(ids[kept - 1] as number).length;
  }
  if (kept === ids.length || !isBlank(tokens.bytesOf(ids[kept] as number))) return kept;
  while (kept > 0 && isBlank(tokens.bytesOf(ids[kept - 1] as number))) kept--;
  return kept;
}

/** Where the last piece begins and ends. */
function lastPiece({ split, pattern }: EncodingParts, text: Uint8Array): [start: number, end: number] {
  const padded = new Uint8Array(text.length + PADDING);
  padded.set(text);
  const joinsSpace = splittingOf(pattern).joinsSpaceAtEnd === true;
  let last = 0;
  let lastEnd = 0;
  let wasSpace = false;
  split.begin?.(padded, text.length);
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = split(padded, start, text.length);
    if (end < 0) {
      end = ~end;
      continue;
    }
    lastEnd = end;
    const space = joinsSpace && isSpace(text.subarray(start, end));
    if (!space || !wasSpace) last = start;
    wasSpace = space;
  }
  return [last, lastEnd];
}

function isBlank(token: Uint8Array): boolean {
  return token.every((byte) => byte === 0x20 || byte === 0x0a || byte === 0x09);
}

function idsOf(encoder: BpeTextEncoder, text: string): Uint32Array<ArrayBuffer> {
  encoder.reset();
  encoder.encode(text);
  return encoder.ids();
}

function pieceIds(encoder: BpeTextEncoder, piece: Uint8Array): Uint32Array<ArrayBuffer> {
  encoder.reset();
  if (piece.length > 0) encoder.encodePiece(piece);
  return encoder.ids();
}

/** The first ids, as many as cover `length` bytes. */
function covering(tokens: TokenBytes, ids: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  let count = 0;
  for (let covered = 0; covered < length && count < ids.length; count++) {
    covered += tokens.bytesOf(ids[count] as number).length;
  }
  return ids.slice(0, count);
}

/** Where the last character begins. */
function lastCharacter(bytes: Uint8Array): number {
  let start = bytes.length - 1;
  while (start > 0 && ((bytes[start] as number) & 0xc0) === 0x80) start--;
  return start;
}

/** Whether bytes are nothing but white space. */
function isSpace(bytes: Uint8Array): boolean {
  if (invalidUtf8(bytes, 0) !== undefined) return false;
  const classes = characterClasses();
  for (const character of utf8Decoder().decode(bytes)) {
    if (((classes[character.codePointAt(0) as number] as number) & SPACE) === 0) return false;
  }
  return true;
}

function bytesOf(tokens: TokenBytes, ids: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(ids.reduce((sum, id) => sum + tokens.bytesOf(id).length, 0));
  let end = 0;
  for (const id of ids) {
    bytes.set(tokens.bytesOf(id), end);
    end += tokens.bytesOf(id).length;
  }
  return bytes;
}

function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function concatenatedIds(first: Uint32Array, second: Uint32Array): Uint32Array<ArrayBuffer> {
  const joined = new Uint32Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
