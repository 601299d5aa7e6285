/**
 * What an encoding is made of, and what its methods take and give.
 */

import type { OffsetUnit } from "../textOffsets.ts";
import type { TokenOffsets } from "../tokenOffsets.ts";
import type { PatternName, SplitPattern } from "./encodingDefinitions.ts";
import type { PackedVocabulary } from "./packedVocabulary.ts";
import type { SpecialTokenPolicy } from "./specialTokenPolicy.ts";

/** The bytes of each token by its rank. */
export type Ranks = readonly (Uint8Array | undefined)[] | PackedVocabulary;

/** Ids of special tokens by their spelling. */
export type SpecialTokenIds = Readonly<Record<string, number>> | ReadonlyMap<string, number>;

/** What an encoding is made of. */
export interface EncodingOptions {
  /** A name for messages, such as `"cl100k_base"`. */
  readonly name: string;
  /** The pattern that cuts text into pieces before the merges: that of an encoding of OpenAI's, or {@link splitPattern} of any other. */
  readonly pattern: PatternName | SplitPattern;
  /** The bytes of each token by its rank, as {@link parseTiktoken} reads them. */
  readonly ranks: Ranks;
  /** Spelling to id. */
  readonly specialTokens?: SpecialTokenIds;
  /** A check, as in tiktoken: the number of ids without holes, which must be that of ranks and special tokens. */
  readonly explicitNVocab?: number;
}

/** Options of `Encoding.encodeWithOffsets`. */
export interface EncodeWithOffsetsOptions extends SpecialTokenPolicy {
  /**
   * What the offsets count.
   *
   * @defaultValue "utf16"
   */
  readonly unit?: OffsetUnit;
}

/** Ids and where each of them stands in the text. */
export interface EncodedWithOffsets extends TokenOffsets {
  readonly ids: Uint32Array<ArrayBuffer>;
}
