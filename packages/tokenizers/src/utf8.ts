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
