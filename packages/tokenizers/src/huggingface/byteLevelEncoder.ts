/**
 * The fast way for byte-level BPE with a known pattern, from the UTF-8 of a text straight to ids: the loop that tiktoken's encodings take.
 */

import { type PieceMerger, BpeTextEncoder } from "../bpe/textEncoder.ts";
import { TokenBytes } from "../bpe/tokenBytes.ts";
import { byteSymbols, fromByteSymbols } from "../byteAlphabet.ts";
import type { Splitting } from "../splitting/byteSplitter.ts";
import { gpt2Pattern, knownSplitting } from "../splitting/knownPatterns.ts";
import { Bpe } from "./models/bpe.ts";
import type { Merges } from "./models/merges.ts";
import type { Model } from "./models/model.ts";
import { ByteLevel } from "./preTokenizers/byteLevel.ts";
import type { PreTokenizer } from "./preTokenizers/preTokenizer.ts";
import { PreTokenizerSequence } from "./preTokenizers/preTokenizerSequence.ts";
import { Split } from "./preTokenizers/split.ts";

/** A text encoder, and whether a text has to begin with a blank. */
export interface ByteLevelEncoder {
  readonly encoder: BpeTextEncoder;
  readonly addsPrefixSpace: boolean;
}

/** The encoder that does what a model does after a pre-tokenizer; undefined if there is no fast way. */
export function byteLevelEncoder(model: Model, preTokenizer: PreTokenizer | undefined): ByteLevelEncoder | undefined {
  if (!(model instanceof Bpe) || preTokenizer === undefined) return undefined;
  const splitting = splittingOf(preTokenizer);
  const { prefix, suffix, ignoresMerges } = model.options;
  if (splitting === undefined || prefix !== "" || suffix !== "") return undefined;
  const byteIds = byteSymbols.map((symbol) => model.vocabulary.idOf(symbol));
  if (byteIds.includes(undefined)) return undefined;
  const tokens = ignoresMerges ? tokenBytes(model) : undefined;
  if (ignoresMerges && tokens === undefined) return undefined;
  const merger = new ByteMerger(Int32Array.from(byteIds as number[]), model.merges);
  return {
    encoder: new BpeTextEncoder(tokens, splitting.createSplitter(), splitting.words, merger),
    addsPrefixSpace: splitting.addsPrefixSpace,
  };
}

/** The pattern that a pre-tokenizer cuts by, if that and turning into bytes is all it does. */
function splittingOf(preTokenizer: PreTokenizer): (Splitting & { addsPrefixSpace: boolean }) | undefined {
  const steps = preTokenizer instanceof PreTokenizerSequence ? preTokenizer.preTokenizers : [preTokenizer];
  const last = steps.at(-1);
  if (!(last instanceof ByteLevel)) return undefined;
  if (steps.length === 1 && last.usesPattern) {
    const known = knownSplitting(gpt2Pattern);
    return known && { ...known, addsPrefixSpace: last.addPrefixSpace };
  }
  const [split] = steps;
  if (steps.length !== 2 || !(split instanceof Split) || last.usesPattern || last.addPrefixSpace) return undefined;
  // A known pattern matches everywhere; so nothing lies between its matches.
  if (split.behavior !== "Isolated" || split.finder.known === undefined) return undefined;
  return { ...split.finder.known, addsPrefixSpace: false };
}

/** The bytes of the tokens by id; undefined if the ids are too far apart, or one is that of two tokens. */
function tokenBytes({ vocabulary }: Bpe): TokenBytes | undefined {
  const limit = 4 * vocabulary.size + 0x10000;
  const tokens: (Uint8Array | undefined)[] = [];
  for (const [token, id] of vocabulary.entries()) {
    if (id >= limit) return undefined;
    while (tokens.length <= id) tokens.push(undefined);
    // What is not written in symbols only is nothing that a text of bytes can be.
    const bytes = fromByteSymbols(token);
    if (bytes === undefined || bytes.length === 0) continue;
    if (tokens[id] !== undefined) return undefined;
    tokens[id] = bytes;
  }
  return TokenBytes.fromTokens("Tokenizer.fromJSON", tokens);
}

/** Ranked merges over bytes. */
class ByteMerger implements PieceMerger {
  ids = new Int32Array(256);
  #lengths = new Int32Array(256);
  readonly #byteIds: Int32Array;
  readonly #merges: Merges;

  constructor(byteIds: Int32Array, merges: Merges) {
    this.#byteIds = byteIds;
    this.#merges = merges;
  }

  merge(bytes: Uint8Array, start: number, end: number): number {
    const count = end - start;
    if (count > this.ids.length) {
      this.ids = new Int32Array(2 * count);
      this.#lengths = new Int32Array(2 * count);
    }
    for (let at = 0; at < count; at++) this.ids[at] = this.#byteIds[bytes[start + at]];
    return this.#merges.apply(this.ids, this.#lengths, count);
  }
}
