/**
 * The characters of all inputs, for a tokenizer of characters.
 */

import { UsageError } from "../usageError.ts";
import type { DataInputs } from "./dataInputs.ts";
import { BLANK_LINE } from "./prepareDocuments.ts";

/** The distinct characters (code points) in their order, those that part inputs included. @throws UsageError where there are none */
export async function collectCharacters(
  { areDocuments, inputs }: DataInputs,
  onRead: (bytes: number) => void,
): Promise<string[]> {
  const seen = new Uint8Array(0x110000);
  let before = 0;
  for (const { size, read } of inputs) {
    for await (const { text, bytesRead } of read()) {
      onRead(before + bytesRead);
      for (let i = 0; i < text.length; i++) {
        const character = text.codePointAt(i) as number;
        // As tokenizers have it: half of a pair alone, which JSON can spell, is U+FFFD.
        seen[character >= 0xd800 && character <= 0xdfff ? 0xfffd : character] = 1;
        if (character > 0xffff) i++;
      }
    }
    before += size;
  }
  if (!seen.includes(1)) throw new UsageError("expected a text with characters, got none");
  if (areDocuments || inputs.length > 1) seen[BLANK_LINE.charCodeAt(0)] = 1;
  const characters: string[] = [];
  for (const [character, isSeen] of seen.entries()) if (isSeen === 1) characters.push(String.fromCodePoint(character));
  return characters;
}
