/**
 * What an encoding is built of: its options checked, its tables made.
 */

import { BpeTextEncoder } from "../bpe/textEncoder.ts";
import { TokenBytes } from "../bpe/tokenBytes.ts";
import { describe, quote } from "../describe.ts";
import { checkSpecialTokens } from "../specialTokens.ts";
import type { ByteSplitter } from "../splitting/byteSplitter.ts";
import { type PatternName, type SplitPattern, splittingOf, splittings } from "./encodingDefinitions.ts";
import type { EncodingOptions, Ranks, SpecialTokenIds } from "./encodingOptions.ts";
import { PackedVocabulary } from "./packedVocabulary.ts";

/** What an encoding works with, for the other parts of this package that need more than its public face. */
export interface EncodingParts {
  readonly pattern: PatternName | SplitPattern;
  readonly tokens: TokenBytes;
  readonly split: ByteSplitter;
  readonly encoder: BpeTextEncoder;
}

/** @throws RangeError if there is no such pattern. */
export function checkPattern(caller: string, pattern: PatternName | SplitPattern): void {
  if (typeof pattern === "object" && typeof pattern?.splitting?.createSplitter === "function") return;
  if (typeof pattern === "string" && Object.hasOwn(splittings, pattern)) return;
  throw new RangeError(
    `${caller}: expected pattern ${Object.keys(splittings).join(", ")} or splitPattern(regex), got ${describe(pattern)}`,
  );
}

/** @throws TypeError or RangeError if something that an encoding is made of is missing or of the wrong type. */
export function checkOptions(options: EncodingOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Encoding: expected options with name, pattern and ranks, got ${describe(options)}`);
  }
  const { pattern, ranks, specialTokens } = options;
  checkPattern("Encoding", pattern);
  if (!Array.isArray(ranks) && !(ranks instanceof PackedVocabulary)) {
    throw new TypeError(`Encoding: expected ranks as an array of each token's bytes, got ${describe(ranks)}`);
  }
  if (specialTokens !== undefined && (typeof specialTokens !== "object" || specialTokens === null)) {
    throw new TypeError(`Encoding: expected specialTokens as an object of ids, got ${describe(specialTokens)}`);
  }
}

/** Special tokens by their spelling. @throws RangeError if a spelling or an id cannot be used. */
export function checkedIds(specialTokens: SpecialTokenIds, ranks: Ranks): Map<string, number> {
  const ids = new Map<string, number>(specialTokens instanceof Map ? specialTokens : Object.entries(specialTokens));
  checkSpecialTokens("Encoding", [...ids.keys()]);
  for (const [token, id] of ids) {
    if (!Number.isInteger(id) || id < 0 || id > 0x7fffffff) {
      throw new RangeError(`Encoding: expected an id for ${quote(token)}, got ${describe(id)}`);
    }
    // Two spellings may share an id, as <|endofprompt|> and <|reserved_200018|> do in o200k_harmony; the first is the one decoded.
    if (Array.isArray(ranks) && ranks[id] !== undefined) {
      throw new RangeError(`Encoding: expected a free id for ${quote(token)}, got ${id}, which an ordinary token has`);
    }
  }
  return ids;
}

/** The tables of an encoding. @throws RangeError if the ranks are no vocabulary. */
export function buildParts(ranks: Ranks, pattern: PatternName | SplitPattern): EncodingParts {
  const tokens = ranks instanceof PackedVocabulary ? ranks.unpack() : TokenBytes.fromTokens("Encoding", ranks);
  const { createSplitter, words } = splittingOf(pattern);
  const split = createSplitter();
  return { pattern, tokens, split, encoder: new BpeTextEncoder(tokens, split, words) };
}

/** @throws RangeError if a number of ids does not count them all, or they have holes. */
export function checkNVocab(explicitNVocab: number, count: number, nVocab: number): void {
  if (explicitNVocab === count && explicitNVocab === nVocab) return;
  throw new RangeError(
    `Encoding: expected explicitNVocab to be the number of ranks and special tokens (${count}) and one more than the largest id ` +
      `(${nVocab}), got ${describe(explicitNVocab)}`,
  );
}

/** Special tokens with more of them. @throws RangeError if an added one has the spelling or the id of another. */
export function extendedTokens(own: ReadonlyMap<string, number>, added: SpecialTokenIds): Map<string, number> {
  const all = new Map(own);
  for (const [token, id] of added instanceof Map ? added : Object.entries(added)) {
    if (own.has(token) || [...own.values()].includes(id)) {
      throw new RangeError(
        `Encoding.extend: expected special tokens with a spelling and an id of their own, got ${quote(token)} with ${describe(id)}`,
      );
    }
    all.set(token, id);
  }
  return all;
}
