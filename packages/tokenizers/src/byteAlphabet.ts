/**
 * The printable stand-ins for the 256 bytes that byte-level tokenizers write in `tokenizer.json`, because JSON holds
 * text and not bytes: the `bytes_to_unicode` table of GPT-2.
 *
 * The 188 bytes that Latin-1 shows as a visible character stand for themselves; the other 68, in order, become U+0100,
 * U+0101, and so on. A space (32) is thus written "Ġ" and a newline (10) "Ċ".
 */

/** The stand-in of each byte, indexed by the byte. */
export const byteSymbols: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte).map((byte, _, bytes) =>
  String.fromCodePoint(isVisible(byte) ? byte : 256 + bytes.slice(0, byte).filter(isHidden).length),
);

const bytesBySymbol: ReadonlyMap<string, number> = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]));

/** Bytes as their stand-ins. */
export function toByteSymbols(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byteSymbols[byte]).join("");
}

/** The bytes that stand-ins stand for; undefined where one of the characters is none. */
export function fromByteSymbols(symbols: string): Uint8Array | undefined {
  const bytes = new Uint8Array(symbols.length);
  for (let i = 0; i < symbols.length; i++) {
    const byte = bytesBySymbol.get(symbols[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

function isVisible(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

function isHidden(byte: number): boolean {
  return !isVisible(byte);
}
