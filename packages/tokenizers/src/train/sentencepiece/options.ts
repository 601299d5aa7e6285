/**
 * What `trainSentencePiece` can be told: the fields of SentencePiece's TrainerSpec and NormalizerSpec in camelCase, with
 * their defaults.
 */

import type { ModelType } from "../../sentencepiece/modelProto.ts";
import type { TrainingSignal } from "../pace.ts";

/** How far a training is. */
export interface SentencePieceTrainingProgress {
  /** Sentences are read first; then candidates are found (unigram only), and pieces chosen. */
  readonly phase: "read" | "seed" | "choose";
  /** Sentences read; or pieces made so far (BPE) or left (unigram). */
  readonly done: number;
  /** What `done` goes to; `undefined` while sentences are read. */
  readonly total: number | undefined;
  /** Sentences passed over because they are longer than `maxSentenceLength`. */
  readonly tooLong: number;
  /** Sentences passed over because they hold U+2585, which stands for unknown characters during training. */
  readonly reserved: number;
}

/** Options of {@link trainSentencePiece}. */
export interface SentencePieceTrainingOptions {
  /** Number of pieces, all of them counted. @defaultValue 8000 */
  readonly vocabSize?: number;
  /** @defaultValue "unigram" */
  readonly modelType?: ModelType;
  /** Share of the text's characters that the vocabulary covers, 0.98 to 1; the rarest are unknown. @defaultValue 0.9995 */
  readonly characterCoverage?: number;
  /** Trains on as many sentences at most; above 100, or 0: all. @defaultValue 0 */
  readonly inputSentenceSize?: number;
  /** Whether `inputSentenceSize` takes a random sample or the first. @defaultValue true */
  readonly shuffleInputSentence?: boolean;
  /** Unigram: number of candidates to begin with. @defaultValue 1000000 */
  readonly seedSentencepieceSize?: number;
  /** Unigram: share of the pieces that each round keeps, 0.5 to 0.95. @defaultValue 0.75 */
  readonly shrinkingFactor?: number;
  /** Unigram: steps of expectation and maximization in each round, 1 to 10. @defaultValue 2 */
  readonly numSubIterations?: number;
  /** Passes over sentences of more bytes, 10 to 2^30. @defaultValue 4192 */
  readonly maxSentenceLength?: number;
  /** Longest piece in characters, 1 to 512. @defaultValue 16 */
  readonly maxSentencepieceLength?: number;
  /** Keeps pieces from mixing scripts, and letters with punctuation. @defaultValue true */
  readonly splitByUnicodeScript?: boolean;
  /** Keeps pieces inside words. @defaultValue true */
  readonly splitByWhitespace?: boolean;
  /** Keeps digits apart from letters. @defaultValue true */
  readonly splitByNumber?: boolean;
  /** Makes each digit a piece of its own. @defaultValue false */
  readonly splitDigits?: boolean;
  /** Puts the space mark at the end of words instead of at their beginning. @defaultValue false */
  readonly treatWhitespaceAsSuffix?: boolean;
  /** Allows pieces of several space marks. @defaultValue false */
  readonly allowWhitespaceOnlyPieces?: boolean;
  /** Pieces that never come from text, such as `<sep>`. */
  readonly controlSymbols?: readonly string[];
  /** Pieces that text is always cut into. */
  readonly userDefinedSymbols?: readonly string[];
  /** Characters that the vocabulary must have, however rare. */
  readonly requiredChars?: string;
  /** Adds 256 pieces for bytes, which spell unknown characters. @defaultValue false */
  readonly byteFallback?: boolean;
  /** Whether a smaller vocabulary than asked for is an error. @defaultValue true */
  readonly hardVocabLimit?: boolean;
  /** Word and char models: takes all words or characters, whatever `vocabSize` says. @defaultValue false */
  readonly useAllVocab?: boolean;
  /** How many sentences the model keeps with their pieces, for others to test themselves by; 0 to 1000. @defaultValue 0 */
  readonly selfTestSampleSize?: number;
  /** Recorded in the model. @defaultValue true */
  readonly vocabularyOutputPieceScore?: boolean;
  /** @defaultValue 0 */
  readonly unkId?: number;
  /** -1 is none. @defaultValue 1 */
  readonly bosId?: number;
  /** -1 is none. @defaultValue 2 */
  readonly eosId?: number;
  /** -1 is none. @defaultValue -1 */
  readonly padId?: number;
  /** @defaultValue "<unk>" */
  readonly unkPiece?: string;
  /** @defaultValue "<s>" */
  readonly bosPiece?: string;
  /** @defaultValue "</s>" */
  readonly eosPiece?: string;
  /** @defaultValue "<pad>" */
  readonly padPiece?: string;
  /** What the unknown piece decodes to. @defaultValue " \u2047 " */
  readonly unkSurface?: string;
  /** Which rules normalize the text. @defaultValue "nmt_nfkc" */
  readonly normalizationRuleName?: NormalizationRuleName;
  /**
   * Rules of one's own instead of a rule set, one a line: code points in hexadecimal, a tab, and the code points that stand
   * for them, as in `"41\t61\nU+0045 U+0301\tE9"`.
   */
  readonly normalizationRuleTsv?: string;
  /** Rules for the text that ids decode to. */
  readonly denormalizationRuleTsv?: string;
  /** Puts a space before the text. @defaultValue true */
  readonly addDummyPrefix?: boolean;
  /** Removes leading, trailing and repeated spaces. @defaultValue true */
  readonly removeExtraWhitespaces?: boolean;
  /** Called some times a second, and at the end of each phase. */
  readonly onProgress?: ((progress: SentencePieceTrainingProgress) => void) | undefined;
  /** Aborting it ends the training with the signal's reason, within a fraction of a second. */
  readonly signal?: TrainingSignal | undefined;
}

/** SentencePiece's rule sets: NFKC, with more kinds of spaces (`nmt`), with case folding (`cf`), or none. */
export type NormalizationRuleName = "nmt_nfkc" | "nfkc" | "nmt_nfkc_cf" | "nfkc_cf" | "identity";
