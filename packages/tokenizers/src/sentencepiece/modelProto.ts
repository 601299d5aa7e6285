/**
 * The content of a SentencePiece `.model` file, which is one Protocol Buffers message: the pieces with their scores,
 * and the settings of trainer and normalizer.
 *
 * Names are those of `sentencepiece_model.proto` in camelCase. A property that is absent has the default that its
 * comment names. Reading and writing keep everything, also what this package does not know.
 *
 * @see https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
 */

import { describe } from "../describe.ts";
import type { Message } from "./message.ts";
import { readMessage, writeMessage } from "./message.ts";
import { modelSchema } from "./modelSchema.ts";

/**
 * What a piece is for: `"normal"` pieces make up text; `"unknown"` stands for characters outside the vocabulary;
 * `"control"` pieces such as `<s>` never come from text; `"userDefined"` pieces always match whole; `"unused"` ones
 * never match; `"byte"` pieces `<0x00>` to `<0xFF>` spell unknown characters under byte fallback.
 */
export type PieceKind = "normal" | "unknown" | "control" | "userDefined" | "unused" | "byte";

/** How text is cut into pieces. */
export type ModelType = "unigram" | "bpe" | "word" | "char";

/** One entry of the vocabulary; its index is its id. */
export interface PieceProto extends Message {
  piece?: string;
  /** Default 0. Log-probability (unigram) or negative rank of the merge (BPE). */
  score?: number;
  /** Default `"normal"`. */
  type?: PieceKind;
}

/** How the model was trained; a few fields also steer encoding and decoding. */
export interface TrainerSpec extends Message {
  input?: string[];
  modelPrefix?: string;
  /** Default `"unigram"`. */
  modelType?: ModelType;
  /** Default 8000. */
  vocabSize?: number;
  acceptLanguage?: string[];
  selfTestSampleSize?: number;
  inputFormat?: string;
  /** Default 0.9995. */
  characterCoverage?: number;
  inputSentenceSize?: number;
  miningSentenceSize?: number;
  trainingSentenceSize?: number;
  /** Default 1,000,000. */
  seedSentencepieceSize?: number;
  /** Default 0.75. */
  shrinkingFactor?: number;
  /** Default 16. */
  numThreads?: number;
  /** Default 2. */
  numSubIterations?: number;
  /** Default 4192 bytes. */
  maxSentenceLength?: number;
  /** Default true. */
  shuffleInputSentence?: boolean;
  /** Default 16. */
  maxSentencepieceLength?: number;
  /** Default true. */
  splitByUnicodeScript?: boolean;
  /** Default true. */
  splitByWhitespace?: boolean;
  /** Default true. */
  splitByNumber?: boolean;
  /** Default false. The space mark ends a word instead of beginning it. */
  treatWhitespaceAsSuffix?: boolean;
  splitDigits?: boolean;
  allowWhitespaceOnlyPieces?: boolean;
  controlSymbols?: string[];
  userDefinedSymbols?: string[];
  /** Default true. */
  vocabularyOutputPieceScore?: boolean;
  /** Default true. */
  hardVocabLimit?: boolean;
  useAllVocab?: boolean;
  /** Default false. Unknown characters are spelled with the 256 byte pieces. */
  byteFallback?: boolean;
  requiredChars?: string;
  /** Default 0. */
  unkId?: number;
  /** Default 1; -1 is none. */
  bosId?: number;
  /** Default 2; -1 is none. */
  eosId?: number;
  /** Default -1, which is none. */
  padId?: number;
  /** What an unknown piece decodes to. Default `" \u2047 "`. */
  unkSurface?: string;
  /** Default `"<unk>"`. */
  unkPiece?: string;
  /** Default `"<s>"`. */
  bosPiece?: string;
  /** Default `"</s>"`. */
  eosPiece?: string;
  /** Default `"<pad>"`. */
  padPiece?: string;
  trainExtremelyLargeCorpus?: boolean;
  enableDifferentialPrivacy?: boolean;
  differentialPrivacyNoiseLevel?: number;
  differentialPrivacyClippingThreshold?: number;
  pretokenizationDelimiter?: string;
  seedSentencepiecesFile?: string;
}

/** How text is normalized before it is cut into pieces (or, for the denormalizer, after decoding). */
export interface NormalizerSpec extends Message {
  /** Name of the rule set, such as `"nmt_nfkc"`. */
  name?: string;
  /** The compiled rules; empty or absent: none. */
  precompiledCharsmap?: Uint8Array;
  /** Default true. A space goes before the text, so that a word at its beginning is as any other. */
  addDummyPrefix?: boolean;
  /** Default true. Leading, trailing and repeated spaces go. */
  removeExtraWhitespaces?: boolean;
  /** Default true. Spaces are written as U+2581. */
  escapeWhitespaces?: boolean;
  normalizationRuleTsv?: string;
}

/** An input and the pieces it is to give, joined with spaces. */
export interface SelfTestSample extends Message {
  input?: string;
  expected?: string;
}

/** Samples by which a reader can verify that it reads the model right. */
export interface SelfTestData extends Message {
  samples?: SelfTestSample[];
}

/** The whole file. */
export interface ModelProto extends Message {
  pieces?: PieceProto[];
  trainerSpec?: TrainerSpec;
  normalizerSpec?: NormalizerSpec;
  selfTestData?: SelfTestData;
  denormalizerSpec?: NormalizerSpec;
}

/**
 * Reads a `.model` file. What it means is checked by `SentencePieceProcessor`; this reads any such message.
 *
 * @param bytes - The content of the file.
 * @returns The message as plain objects, which share no memory with `bytes`.
 * @throws TypeError if `bytes` is no Uint8Array; RangeError if it is not a message in the wire format.
 */
export function readModelProto(bytes: Uint8Array): ModelProto {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`readModelProto: expected a Uint8Array, got ${describe(bytes)}`);
  }
  return readMessage("readModelProto", modelSchema, bytes) as ModelProto;
}

/**
 * Writes a `.model` file, which C++ SentencePiece reads. What {@link readModelProto} read from a file of C++'s is
 * written back byte for byte.
 *
 * @param model - The message.
 * @returns The content of the file.
 */
export function writeModelProto(model: ModelProto): Uint8Array {
  return writeMessage(modelSchema, model);
}
