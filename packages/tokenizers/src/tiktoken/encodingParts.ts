/**
 * What an encoding is built of: its options checked, its tables made.
 */

import { BpeTextEncoder } from "../bpe/textEncoder.ts";
import { TokenBytes } from "../bpe/tokenBytes.ts";
import { describe, quote } from "../describe.ts";
import { checkSpecialTokens } from "../specialTokens.ts";
import type { ByteSplitter } from "../splitting/byteSplitter.ts";
import { type PatternName, type SplitPattern, splittingOf, splittings } from "./encodingDefinitions.ts";
import type { Ranks } from "./encodingOptions.ts";
import { PackedVocabulary } from "./packedVocabulary.ts";

/** What an encoding works with, for the other parts of this package that need more than its public face. */
export interface EncodingParts {
  readonly pattern: PatternName | SplitPattern;
  readonly tokens: TokenBytes;
  readonly split: ByteSplitter;
  readonly encoder: BpeTextEncoder;
}

/** @throws RangeError if there is no such pattern. */
export function checkPattern(pattern: PatternName | SplitPattern): void {
  if (typeof pattern === "object" && typeof pattern?.splitting?.createSplitter === "function") return;
  if (typeof pattern !== "string" || !Object.hasOwn(splittings, pattern)) {
    throw new RangeError(
      `Encoding: expected pattern ${Object.keys(splittings).join(", ")} or splitPattern(regex), got ${describe(pattern)}`,
    );
  }
}

/** Special tokens by their spelling. @throws RangeError if a spelling or an id cannot be used. */
export function checkedIds(specialTokens: Readonly<Record<string, number>>, ranks: Ranks): Map<string, number> {
  const ids = new Map(Object.entries(specialTokens));
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
  const tokens = ranks instanceof PackedVocabulary ? ranks.unpack() : TokenBytes.fromTokens(ranks);
  const { createSplitter, words } = splittingOf(pattern);
  const split = createSplitter();
  return { pattern, tokens, split, encoder: new BpeTextEncoder(tokens, split, words) };
}
