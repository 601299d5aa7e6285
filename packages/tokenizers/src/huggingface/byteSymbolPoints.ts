/**
 * The stand-ins of the bytes (see byteAlphabet.ts) by number, for loops over many of them.
 */

import { byteSymbols } from "../byteAlphabet.ts";

/** Code point of the symbol of each byte. */
export const byteSymbolPoints: Uint16Array = Uint16Array.from(byteSymbols, (symbol) => symbol.charCodeAt(0));

/** The byte of each code point below 512 that is a symbol; -1 for the others. */
export const bytesOfSymbolPoints: Int16Array = new Int16Array(512).fill(-1);
byteSymbolPoints.forEach((point, byte) => (bytesOfSymbolPoints[point] = byte));
