/**
 * UTF-8 for the strings of a model file: measured and written in place, and read strictly.
 *
 * `TextEncoder` would need a buffer per string and turn lone surrogates into U+FFFD without a word; here they are
 * reported, since a renamed value is a broken graph.
 */

// Node and browsers both have it; neither's type library is loaded here.
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The number of bytes that `text` takes as UTF-8, or -1 when it holds a lone surrogate. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    if (code < 0x80) length += 1;
    else if (code < 0x800) length += 2;
    else if (code < 0x10000) {
      if (code >= 0xd800 && code <= 0xdfff) return -1;
      length += 3;
    } else {
      length += 4;
      i++;
    }
  }
  return length;
}

/** Writes `text`, known to be well formed, at `position`; returns the position after it. */
export function writeUtf8(text: string, bytes: Uint8Array, position: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    if (code < 0x80) {
      bytes[position++] = code;
      continue;
    }
    if (code < 0x800) {
      bytes[position++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x10000) {
        bytes[position++] = 0xe0 | (code >> 12);
      } else {
        bytes[position++] = 0xf0 | (code >> 18);
        bytes[position++] = 0x80 | ((code >> 12) & 0x3f);
        i++;
      }
      bytes[position++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[position++] = 0x80 | (code & 0x3f);
  }
  return position;
}

/** The text of `bytes[start, end)`, or undefined when that is not UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start < 24) {
    // Most strings of a model are short ASCII names, where the decoder's call costs more than its work.
    let text = "";
    let i = start;
    while (i < end && bytes[i] < 0x80) text += String.fromCharCode(bytes[i++]);
    if (i === end) return text;
  }
  try {
    // A copy, because browsers refuse to decode shared memory.
    return decoder.decode(bytes.slice(start, end));
  } catch {
    return undefined;
  }
}
