/**
 * The text that lessons learn from, and its characters as numbers.
 *
 * Without an argument it is the bundled Moby-Dick. The lectures' text is one that many have:
 * `npm run lesson -- 13 --data tinyshakespeare.txt` gives the lectures' own numbers.
 */

import { encodeText, splitTokens, type TokenArray } from "@llm-learning/datasets";
import { bundledBook, readText } from "@llm-learning/datasets/node";
import { CharacterTokenizer } from "@llm-learning/tokenizers";

/** A text by characters: the first nine tenths train, the rest validates. */
export interface Book {
  readonly tokenizer: CharacterTokenizer;
  readonly train: TokenArray;
  readonly validation: TokenArray;
}

/** Reads the file after `--data`, or the bundled book. */
export async function readBook(): Promise<Book> {
  const flag = process.argv.indexOf("--data");
  const text = flag === -1 ? await bundledBook("moby-dick") : await readText(process.argv[flag + 1]);
  const tokenizer = CharacterTokenizer.fromText(text);
  return { tokenizer, ...splitTokens(encodeText(text, tokenizer)) };
}
