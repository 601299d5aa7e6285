/**
 * Strict UTF-8 through the TextEncoder and TextDecoder that browsers and Node share. Declared here because the language's
 * own library files do not know them, and the DOM's would let `document` into a package that must run without one.
 */

declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

/** Decodes UTF-8; a byte order mark stays a character. @throws TypeError where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Encodes as UTF-8; a lone surrogate would become U+FFFD, so callers refuse those first. */
export function encodeUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
