/**
 * The platform's UTF-8 codec, as this package uses it: declared here because the compiler is told of no platform, and
 * the package runs on all of them.
 */

/** The part of the WHATWG `TextEncoder` that is used here. */
interface Utf8Encoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number };
}

/** The part of the WHATWG `TextDecoder` that is used here. */
export interface Utf8Decoder {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

declare const TextEncoder: new () => Utf8Encoder;
declare const TextDecoder: new (label: "utf-8", options: { readonly ignoreBOM: boolean }) => Utf8Decoder;

const encoder = new TextEncoder();

/** UTF-8 bytes of a text; a lone surrogate becomes the bytes of U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes the UTF-8 bytes of a text into an array; gives the number of bytes written. */
export function encodeUtf8Into(text: string, target: Uint8Array): number {
  return encoder.encodeInto(text, target).written;
}

/**
 * A decoder with state of its own that keeps a leading U+FEFF, which the default one drops, and gives U+FFFD for each
 * maximal invalid part.
 */
export function utf8Decoder(): Utf8Decoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

/** A stretch of bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The first stretch from `from` on that is no UTF-8: as many bytes as begin a character that is then not completed, at least one.
 * Decoders replace each such stretch by one U+FFFD.
 *
 * @returns `undefined` if all of it is valid.
 */
export function invalidUtf8(bytes: Uint8Array, from: number): ByteRange | undefined {
  for (let start = from; start < bytes.length;) {
    const lead = bytes[start] as number;
    if (lead < 0x80) {
      start++;
      continue;
    }
    const size = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let end = start + 1;
    while (end < start + size && isContinuation(bytes, start, end)) end++;
    if (end !== start + size) return { start, end };
    start = end;
  }
  return undefined;
}

/** Whether the byte at `at` goes on with the character that begins at `start`: the second byte rules out long forms and surrogates. */
function isContinuation(bytes: Uint8Array, start: number, at: number): boolean {
  const byte = bytes[at];
  if (byte === undefined || (byte & 0xc0) !== 0x80) return false;
  if (at > start + 1) return true;
  const lead = bytes[start];
  if (lead === 0xe0) return byte >= 0xa0;
  if (lead === 0xed) return byte < 0xa0;
  if (lead === 0xf0) return byte >= 0x90;
  return lead !== 0xf4 || byte < 0x90;
}
