/**
 * Blanks before tokens, but for those that go on with a word.
 */

import type { Decoder } from "./decoder.ts";

/** What English spelling does not part, as BERT's tokenizer does; one after another. */
const joins: readonly (readonly [parted: string, together: string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" do not", " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/**
 * The decoder of type `WordPiece`.
 *
 * @param prefix - The mark of tokens that go on with a word.
 * @param cleansUp - Whether blanks before punctuation are taken out.
 */
export function wordPieceDecoder(prefix: string, cleansUp: boolean): Decoder {
  return {
    decode: (tokens) =>
      tokens.map((token, i) => {
        const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        return cleansUp ? cleanedUp(text) : text;
      }),
  };
}

/** A text without blanks before punctuation. */
export function cleanedUp(text: string): string {
  return joins.reduce((cleaned, [parted, together]) => cleaned.replaceAll(parted, together), text);
}
