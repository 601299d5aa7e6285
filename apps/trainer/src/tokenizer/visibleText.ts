/**
 * Text as it can be shown in a line of a terminal: what would move the cursor, change colours, or not be seen at all is written
 * out, and so are bytes that are part of a character only.
 */

/** Marks for the white space that has one. */
const marks: Readonly<Record<string, string>> = { "\n": "↵", "\t": "→", "\r": "␍" };

/** Controls, formats, and spaces but the common one: not to be seen or told apart, and some of them turn what follows around. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Text with what cannot be seen written out, such as `\u{200b}`. */
export function visibleText(text: string): string {
  return text.replace(unseen, (character) => marks[character] ?? `\\u{${codeOf(character)}}`);
}

/** Bytes as text; what is no UTF-8 as bytes, such as `\xe4`. */
export function visibleBytes(bytes: Uint8Array): string {
  try {
    return visibleText(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return visibleParts(bytes);
  }
}

/** The characters among bytes, and the bytes between them. */
function visibleParts(bytes: Uint8Array): string {
  let shown = "";
  for (let start = 0; start < bytes.length;) {
    const length = characterLength(bytes, start);
    const part = bytes.subarray(start, start + Math.max(1, length));
    shown += length > 0 ? visibleText(Buffer.from(part).toString()) : `\\x${part[0].toString(16).padStart(2, "0")}`;
    start += part.length;
  }
  return shown;
}

/** Bytes of the character that begins at `start`; 0 where none does. */
function characterLength(bytes: Uint8Array, start: number): number {
  for (let length = 1; length <= 4 && start + length <= bytes.length; length++) {
    const text = Buffer.from(bytes.subarray(start, start + length)).toString();
    if (!text.includes("\ufffd")) return length;
  }
  return 0;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) as number).toString(16);
}
