/**
 * The `.tiktoken` file: a line per token, its bytes in base64, a space, its rank. Special tokens and the pattern are not in the file.
 */

import { describe } from "../describe.ts";
import { utf8Decoder } from "../utf8.ts";
import { type Encoding, encodingParts } from "./encoding.ts";

/** The platform's base64 codec over strings of byte values, declared here because the compiler is told of no platform. */
declare const atob: (base64: string) => string;
declare const btoa: (binary: string) => string;

/** Base64 with its padding, and a rank, between white space, as Python's `split` takes it. */
const LINE = /^\s*([A-Za-z0-9+/]+={0,2})\s+(\d{1,9})\s*$/;
/** No real vocabulary is near this; a rank beyond it would only allocate. */
const RANK_LIMIT = 1 << 24;

/**
 * Reads a `.tiktoken` file.
 *
 * @param content - The file, as text or as bytes.
 * @returns The bytes of each token by its rank; `undefined` where the ranks have a hole.
 * @throws RangeError naming the line that is not base64, a space and a rank, or that repeats a rank.
 */
export function parseTiktoken(content: string | Uint8Array): (Uint8Array | undefined)[] {
  if (typeof content !== "string" && !(content instanceof Uint8Array)) {
    throw new TypeError(`parseTiktoken: expected a file's text or bytes, got ${describe(content)}`);
  }
  const text = typeof content === "string" ? content : utf8Decoder().decode(content);
  const found = new Map<number, Uint8Array>();
  let largest = -1;
  let number = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, text[end - 1] === "\r" ? end - 1 : end);
    start = end + 1;
    number++;
    if (line.trim() === "") continue;
    const [, base64 = "", digits = ""] = LINE.exec(line) ?? [];
    const rank = parseRank(digits);
    const token = fromBase64(base64);
    if (token === undefined || rank === undefined) {
      const shown = line.length > 40 ? `${line.slice(0, 40)}...` : line;
      throw new RangeError(`parseTiktoken: expected "base64 rank" in line ${number}, got ${JSON.stringify(shown)}`);
    }
    if (found.has(rank))
      throw new RangeError(`parseTiktoken: expected every rank once, got ${rank} again in line ${number}`);
    found.set(rank, token);
    largest = Math.max(largest, rank);
  }
  if (largest > 2 * found.size + 256) {
    throw new RangeError(
      `parseTiktoken: expected ranks close together, got ${found.size} tokens and the rank ${largest}`,
    );
  }
  return Array.from({ length: largest + 1 }, (_, rank) => found.get(rank));
}

/**
 * Writes a `.tiktoken` file: the inverse of {@link parseTiktoken}.
 *
 * @param tokens - An encoding, whose special tokens and pattern are not written, or the bytes of each token by its rank.
 */
export function formatTiktoken(tokens: Encoding | readonly (Uint8Array | undefined)[]): string {
  const byRank = Array.isArray(tokens) ? tokens : tokensOf(tokens as Encoding);
  const lines: string[] = [];
  for (let rank = 0; rank < byRank.length; rank++) {
    const token = byRank[rank];
    if (token !== undefined) lines.push(`${toBase64(token)} ${rank}\n`);
  }
  return lines.join("");
}

function tokensOf(encoding: Encoding): (Uint8Array | undefined)[] {
  const { tokens } = encodingParts("formatTiktoken", encoding);
  return Array.from({ length: tokens.size }, (_, id) => {
    const bytes = tokens.bytesOf(id);
    return bytes.length === 0 ? undefined : bytes;
  });
}

function parseRank(text: string): number | undefined {
  const rank = Number(text);
  return text !== "" && rank < RANK_LIMIT ? rank : undefined;
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array | undefined {
  if (text === "" || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
