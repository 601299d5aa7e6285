/**
 * What byte-level BPE training is told, and the checks of it.
 */

import { byteSymbols, toByteSymbols } from "../byteAlphabet.ts";
import { describe, quote } from "../describe.ts";
import { checkSpecialTokens } from "../specialTokens.ts";
import { checkPattern } from "../tiktoken/encodingParts.ts";
import type { PatternName, SplitPattern } from "../tiktoken/encodingDefinitions.ts";
import type { MergeRules } from "./mergeLearner.ts";
import type { TrainingSignal } from "./pace.ts";

/** How far a training is. */
export interface BpeTrainingProgress {
  /** Pieces are counted first, then merges are made. */
  readonly phase: "count" | "merge";
  /** Bytes of text counted, as UTF-8, or merges made. */
  readonly done: number;
  /** What `done` will be, or may be at most; `undefined` where the length of the text is not known. */
  readonly total: number | undefined;
  /** Distinct pieces so far. */
  readonly pieces: number;
}

/** Options of the training of byte-level BPE. */
export interface BpeTrainingOptions {
  /** Number of ids: 256 bytes, merges and special tokens. There are fewer if the text does not give so many merges. */
  readonly vocabSize: number;
  /**
   * The pattern that cuts text into pieces, by the encoding that brought it in, or one of one's own by `splitPattern`; merges stay within a
   * piece. GPT-2's is `"r50k_base"`. With one of one's own each document is held as a whole, and the result is saved as `.tiktoken`.
   *
   * @defaultValue "cl100k_base"
   */
  readonly pattern?: PatternName | SplitPattern;
  /**
   * Special tokens; they get the ids after the last merge, in order. Their spelling in the text is ordinary text.
   *
   * @defaultValue []
   */
  readonly specialTokens?: readonly string[];
  /**
   * Pairs that occur fewer times are not merged.
   *
   * @defaultValue 0
   */
  readonly minFrequency?: number;
  /**
   * Longest token in bytes, from 2. It is one less than the `max_token_length` of Hugging Face's trainer, which tokens must stay below.
   *
   * @defaultValue Infinity
   */
  readonly maxTokenBytes?: number;
  /**
   * Longer pieces, such as base64 or rows of dashes, are left out. Without a limit they cost time and memory in proportion to their length,
   * as other text does.
   *
   * @defaultValue Infinity
   */
  readonly maxPieceBytes?: number;
  /** Called some times a second, and at the end of each phase. */
  readonly onProgress?: ((progress: BpeTrainingProgress) => void) | undefined;
  /** Aborting it ends the training with the signal's reason, within a fraction of a second. */
  readonly signal?: TrainingSignal | undefined;
}

/** Checked options with their defaults. */
export interface BpeTrainingPlan {
  readonly pattern: PatternName | SplitPattern;
  readonly specialTokens: readonly string[];
  readonly maxPieceBytes: number;
  readonly rules: MergeRules;
  readonly onProgress: ((progress: BpeTrainingProgress) => void) | undefined;
}

const MOST_IDS = 2 ** 24;

/**
 * Checks options.
 *
 * @param caller - Name of the public function, which begins the messages.
 * @throws TypeError or RangeError naming the option that is wrong.
 */
export function planBpeTraining(caller: string, options: BpeTrainingOptions): BpeTrainingPlan {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${caller}: expected options with a vocabSize, got ${describe(options)}`);
  }
  const { vocabSize, pattern = "cl100k_base", specialTokens = [], onProgress } = options;
  const { minFrequency = 0, maxTokenBytes = Infinity, maxPieceBytes = Infinity } = options;
  checkPattern(caller, pattern);
  const reserved = checkSpecialTokens(caller, specialTokens);
  const byte = specialTokens.find((token) => byteSymbols.includes(token));
  if (byte !== undefined) {
    throw new RangeError(
      `${caller}: expected special tokens unlike the symbols of single bytes in tokenizer.json, got ${quote(byte)}`,
    );
  }
  const least = 256 + reserved.size;
  if (!Number.isInteger(vocabSize) || vocabSize < least || vocabSize > MOST_IDS) {
    throw new RangeError(
      `${caller}: expected vocabSize to be an integer from ${least} (256 bytes and ${reserved.size} special tokens) to ${MOST_IDS}, ` +
        `got ${describe(vocabSize)}`,
    );
  }
  checkLimit(caller, "minFrequency", minFrequency, 0);
  checkLimit(caller, "maxTokenBytes", maxTokenBytes, 2);
  checkLimit(caller, "maxPieceBytes", maxPieceBytes, 1);
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(`${caller}: expected onProgress to be a function, got ${describe(onProgress)}`);
  }
  const longest = specialTokens.reduce((most, token) => Math.max(most, token.length), 0);
  const isReserved = (token: Uint8Array) => token.length <= longest && reserved.has(toByteSymbols(token));
  const rules = { merges: vocabSize - least, minFrequency, maxTokenBytes, isReserved };
  return { pattern, specialTokens: [...reserved], maxPieceBytes, rules, onProgress };
}

function checkLimit(caller: string, name: string, value: number, least: number): void {
  if (value === Infinity || (Number.isInteger(value) && value >= least)) return;
  throw new RangeError(
    `${caller}: expected ${name} to be an integer from ${least}, or Infinity, got ${describe(value)}`,
  );
}
