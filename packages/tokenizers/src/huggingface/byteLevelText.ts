/**
 * Texts with the symbols of its bytes for each character. Those that come together share one table.
 */

import { AlignedText } from "./alignedText.ts";
import { byteSymbolPoints } from "./byteSymbolPoints.ts";
import { Rewriter, textOf } from "./rewriter.ts";
import { utf8Length } from "./utf8Length.ts";

/** The same texts in symbols of bytes. */
export function toByteLevel(texts: readonly AlignedText[]): AlignedText[] {
  let length = 0;
  for (const { text } of texts) length += utf8Length(text);
  const units = new Uint16Array(length);
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  let at = 0;
  const places = texts.map((text) => {
    const from = at;
    at = writeSymbols(text, units, starts, ends, at);
    return from;
  });
  const symbols = textOf(units, length);
  return texts.map((source, i) => {
    if (!source.isAnchored) return rewritten(source);
    const from = places[i];
    const text = symbols.slice(from, places[i + 1] ?? length);
    return new AlignedText(text, source.originStart, source.originEnd, { starts, ends, from });
  });
}

/** Writes the symbols of a text and what each stands for from `at` on; gives where they end. */
function writeSymbols(
  source: AlignedText,
  units: Uint16Array,
  starts: Int32Array,
  ends: Int32Array,
  at: number,
): number {
  const { text } = source;
  for (let i = 0; i < text.length; i++) {
    const from = at;
    const start = source.startOf(i);
    const point = text.codePointAt(i)!;
    if (point < 0x80) units[at++] = byteSymbolPoints[point];
    else {
      if (point < 0x800) units[at++] = byteSymbolPoints[0xc0 | (point >> 6)];
      else {
        if (point < 0x10000) units[at++] = byteSymbolPoints[0xe0 | (point >> 12)];
        else {
          i++;
          units[at++] = byteSymbolPoints[0xf0 | (point >> 18)];
          units[at++] = byteSymbolPoints[0x80 | ((point >> 12) & 63)];
        }
        units[at++] = byteSymbolPoints[0x80 | ((point >> 6) & 63)];
      }
      units[at++] = byteSymbolPoints[0x80 | (point & 63)];
    }
    const end = source.endOf(i);
    for (let place = from; place < at; place++) {
      starts[place] = start;
      ends[place] = end;
    }
  }
  return at;
}

/** The same for a text that begins with what stands for nothing. */
function rewritten(source: AlignedText): AlignedText {
  const rewriter = new Rewriter(source);
  const symbols = new Uint16Array(4);
  const ranges = new Int32Array(4);
  for (const character of source.text) {
    const count = writeSymbols(AlignedText.of(character), symbols, ranges, ranges, 0);
    for (let i = 0; i < count; i++) rewriter.push(symbols[i], i === 0 ? 0 : 1);
  }
  return rewriter.finish();
}
