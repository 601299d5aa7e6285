/**
 * Cuts a text into the part to train on and the part to validate with, before anything else is done with it: a tokenizer is
 * made from the first part alone, and the second is the same text whatever the tokenizer, so that losses per byte can be
 * compared.
 */

/**
 * The first `floor((1 - validationFraction) * n)` of a text's n characters (code points), and the rest: where a
 * character-level tokenizer's tokens would be cut.
 */
export function splitText(text: string, validationFraction: number): readonly [train: string, validation: string] {
  const cut = indexAfter(text, Math.floor((1 - validationFraction) * countCharacters(text)));
  return [text.slice(0, cut), text.slice(cut)];
}

/** Number of characters (code points) of a text. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += unitsAt(text, index)) count++;
  return count;
}

/** The index at which the first `count` characters end. */
export function indexAfter(text: string, count: number): number {
  let index = 0;
  for (let left = count; left > 0; left--) index += unitsAt(text, index);
  return index;
}

function unitsAt(text: string, index: number): number {
  return (text.codePointAt(index) as number) > 0xffff ? 2 : 1;
}
