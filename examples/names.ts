/**
 * The names that lessons learn from, and their letters as numbers.
 *
 * Without an argument they are the 8,403 different names of the bundled lists that are spelled with plain letters. The
 * lectures' own list is a text file that many have: `npm run lesson -- 1 --data names.txt` gives the lectures' own numbers.
 */

import { bundledNames, readText } from "@llm-learning/datasets/node";
import { boundaryToken, documentsOf, encodeDocuments, splitDocuments, type TokenArray } from "@llm-learning/datasets";
import { CharacterTokenizer } from "@llm-learning/tokenizers";

/** Names, their tokenizer, and the lectures' split into three parts. */
export interface Names {
  readonly words: readonly string[];
  /** Letters in alphabetical order; id 0 is the line end, which the lectures write as a dot. */
  readonly tokenizer: CharacterTokenizer;
  readonly boundary: number;
  /** Every name, followed by the boundary. */
  readonly all: TokenArray;
  readonly train: TokenArray;
  readonly validation: TokenArray;
  readonly test: TokenArray;
}

/** Reads the file after `--data`, or the bundled names in lower case. */
export async function readNames(): Promise<Names> {
  const flag = process.argv.indexOf("--data");
  const words = flag === -1 ? await plainNames() : documentsOf(await readText(process.argv[flag + 1]));
  const tokenizer = CharacterTokenizer.fromText(["\n", ...words]);
  const encode = (part: readonly string[]): TokenArray => encodeDocuments(part, tokenizer);
  const { train, validation, test } = splitDocuments(words, { seed: 42 });
  return {
    words,
    tokenizer,
    boundary: boundaryToken(tokenizer),
    all: encode(words),
    train: encode(train),
    validation: encode(validation),
    test: encode(test),
  };
}

/** Ids as letters, the boundary as a dot. */
export function spell(ids: Iterable<number>, tokenizer: CharacterTokenizer): string {
  return tokenizer.decode([...ids]).replaceAll("\n", ".");
}

async function plainNames(): Promise<string[]> {
  const names = documentsOf((await bundledNames()).toLowerCase()).filter((name) => /^[a-z]+$/.test(name));
  return [...new Set(names)];
}
