/**
 * GPT-2's own two files, `vocab.bpe` (merges in order) and `encoder.json` (ids by token), as `.tiktoken` ranks. Both write the 256 bytes as
 * printable characters, see byteAlphabet.ts.
 */

import { byteSymbols, fromByteSymbols } from "../byteAlphabet.ts";
import { describe, quote } from "../describe.ts";

/**
 * Reads GPT-2's vocabulary.
 *
 * @param vocabBpe - `vocab.bpe` (also called `merges.txt`): a line `#version`, then a merge a line, the first being the first to be done.
 * @param encoderJson - `encoder.json` (also called `vocab.json`), to compare: special tokens in it are left out.
 * @returns The bytes of each token by its rank: the 256 single bytes in the order of their characters, then the merges.
 * @throws RangeError naming the line that is no merge of two tokens before it, or the token that the two files give different ids.
 * @see `data_gym_to_mergeable_bpe_ranks` in tiktoken
 */
export function parseVocabBpe(vocabBpe: string, encoderJson?: string): Uint8Array[] {
  if (typeof vocabBpe !== "string") {
    throw new TypeError(`parseVocabBpe: expected the text of vocab.bpe, got ${describe(vocabBpe)}`);
  }
  const symbols = byteSymbols.toSorted((a, b) => (a < b ? -1 : 1));
  const known = new Set(symbols);
  for (const [at, line] of vocabBpe.split(/\r?\n/).entries()) {
    if (line === "" || (at === 0 && line.startsWith("#version"))) continue;
    const [left = "", right = "", ...more] = line.split(" ");
    if (more.length > 0 || !known.has(left) || !known.has(right)) {
      throw new RangeError(
        `parseVocabBpe: expected a merge of two earlier tokens in line ${at + 1}, got ${quote(line)}`,
      );
    }
    if (known.has(left + right)) {
      throw new RangeError(
        `parseVocabBpe: expected every token once, got ${quote(left + right)} again in line ${at + 1}`,
      );
    }
    known.add(left + right);
    symbols.push(left + right);
  }
  if (encoderJson !== undefined) compareIds(symbols, encoderJson);
  return symbols.map((symbol) => fromByteSymbols(symbol) as Uint8Array);
}

function compareIds(symbols: readonly string[], encoderJson: string): void {
  let ids: unknown;
  try {
    ids = JSON.parse(encoderJson);
  } catch (error) {
    throw new RangeError(`parseVocabBpe: expected encoder.json to be JSON, got ${String(error)}`, { cause: error });
  }
  if (typeof ids !== "object" || ids === null || Array.isArray(ids)) {
    throw new RangeError(`parseVocabBpe: expected encoder.json to be an object of ids, got ${describe(ids)}`);
  }
  const idsByToken = new Map<string, unknown>(Object.entries(ids));
  for (const [rank, symbol] of symbols.entries()) {
    const id = idsByToken.get(symbol);
    if (id === rank) continue;
    throw new RangeError(
      `parseVocabBpe: expected encoder.json to give ${quote(symbol)} the id ${rank}, as vocab.bpe does, got ${describe(id)}`,
    );
  }
}
