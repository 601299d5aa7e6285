/**
 * Checked options of SentencePiece training, with their defaults filled in.
 */

import { describe } from "../../describe.ts";
import type { SentencePieceTrainingOptions } from "./options.ts";

type Defaulted = Omit<SentencePieceTrainingOptions, "onProgress" | "signal">;

/** Every option with a value. */
export type TrainingSettings = Required<Defaulted>;

/** SentencePiece's defaults. */
export const defaults: TrainingSettings = {
  vocabSize: 8000,
  modelType: "unigram",
  characterCoverage: 0.9995,
  inputSentenceSize: 0,
  shuffleInputSentence: true,
  seedSentencepieceSize: 1_000_000,
  shrinkingFactor: 0.75,
  numSubIterations: 2,
  maxSentenceLength: 4192,
  maxSentencepieceLength: 16,
  splitByUnicodeScript: true,
  splitByWhitespace: true,
  splitByNumber: true,
  splitDigits: false,
  treatWhitespaceAsSuffix: false,
  allowWhitespaceOnlyPieces: false,
  controlSymbols: [],
  userDefinedSymbols: [],
  requiredChars: "",
  byteFallback: false,
  hardVocabLimit: true,
  useAllVocab: false,
  selfTestSampleSize: 0,
  vocabularyOutputPieceScore: true,
  unkId: 0,
  bosId: 1,
  eosId: 2,
  padId: -1,
  unkPiece: "<unk>",
  bosPiece: "<s>",
  eosPiece: "</s>",
  padPiece: "<pad>",
  unkSurface: " \u2047 ",
  normalizationRuleName: "nmt_nfkc",
  normalizationRuleTsv: "",
  denormalizationRuleTsv: "",
  addDummyPrefix: true,
  removeExtraWhitespaces: true,
};

/** Least and largest values. */
const ranges: Readonly<Partial<Record<keyof Defaulted, readonly [number, number]>>> = {
  vocabSize: [1, 2 ** 24],
  characterCoverage: [0.98, 1],
  inputSentenceSize: [0, 2 ** 31 - 1],
  seedSentencepieceSize: [1, 2 ** 31 - 1],
  shrinkingFactor: [0.5, 0.95],
  numSubIterations: [1, 10],
  selfTestSampleSize: [0, 1000],
  maxSentenceLength: [10, 2 ** 30],
  maxSentencepieceLength: [1, 512],
  unkId: [0, 2 ** 31 - 1],
  bosId: [-1, 2 ** 31 - 1],
  eosId: [-1, 2 ** 31 - 1],
  padId: [-1, 2 ** 31 - 1],
};
const fractions: readonly string[] = ["characterCoverage", "shrinkingFactor"];
const choices: Readonly<Record<string, readonly string[]>> = {
  modelType: ["unigram", "bpe", "word", "char"],
  normalizationRuleName: ["nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"],
};

/**
 * Checks options and fills in defaults.
 *
 * @throws TypeError or RangeError naming the option that is wrong.
 */
export function checkSettings(options: SentencePieceTrainingOptions): TrainingSettings {
  if (typeof options !== "object" || options === null) throw mistyped("options", "an object", options);
  const given = options as Readonly<Record<string, unknown>>;
  const settings: Record<string, unknown> = { ...defaults };
  for (const [name, standard] of Object.entries(defaults)) {
    const value = given[name];
    if (value === undefined) continue;
    if (Array.isArray(standard)) {
      if (!Array.isArray(value) || !value.every((symbol) => typeof symbol === "string")) {
        throw mistyped(name, "an array of strings", value);
      }
      settings[name] = [...value];
      continue;
    }
    if (typeof value !== typeof standard) throw mistyped(name, `a ${typeof standard}`, value);
    const allowed = choices[name];
    if (allowed !== undefined && !allowed.includes(value as string)) {
      throw outside(name, `one of ${allowed.join(", ")}`, value);
    }
    const range = ranges[name as keyof Defaulted];
    if (range !== undefined) checkRange(name, value as number, range);
    settings[name] = value;
  }
  const checked = settings as unknown as TrainingSettings;
  const { inputSentenceSize, modelType, useAllVocab } = checked;
  if (inputSentenceSize > 0 && inputSentenceSize <= 100) {
    throw outside("inputSentenceSize", "0 (all sentences) or more than 100", inputSentenceSize);
  }
  if (useAllVocab && (modelType === "unigram" || modelType === "bpe")) {
    throw outside(
      "useAllVocab",
      `false for modelType "${modelType}" (word and char models have a whole vocabulary)`,
      true,
    );
  }
  for (const name of ["unkPiece", "bosPiece", "eosPiece", "padPiece"] as const) {
    if (checked[name] === "") throw outside(name, "a piece that is not empty", "");
  }
  return checked;
}

function checkRange(name: string, value: number, [least, most]: readonly [number, number]): void {
  const isFraction = fractions.includes(name);
  if (value >= least && value <= most && (isFraction || Number.isInteger(value))) return;
  throw outside(name, `${isFraction ? "a number" : "an integer"} from ${least} to ${most}`, value);
}

function outside(name: string, expected: string, value: unknown): RangeError {
  return new RangeError(`trainSentencePiece: expected ${name} to be ${expected}, got ${describe(value)}`);
}

function mistyped(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`trainSentencePiece: expected ${name} to be ${expected}, got ${describe(value)}`);
}
