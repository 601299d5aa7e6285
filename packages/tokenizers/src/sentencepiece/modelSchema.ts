/**
 * Numbers and types of the fields of a `.model` file, from `sentencepiece_model.proto`. What they mean is said beside
 * the properties in `modelProto.ts`.
 */

import type { FieldSchema, MessageSchema } from "./message.ts";

const kinds = new Map([
  [1, "normal"],
  [2, "unknown"],
  [3, "control"],
  [4, "userDefined"],
  [5, "unused"],
  [6, "byte"],
]);

const modelTypes = new Map([
  [1, "unigram"],
  [2, "bpe"],
  [3, "word"],
  [4, "char"],
]);

const pieceSchema = schemaOf({
  piece: { number: 1, type: "string" },
  score: { number: 2, type: "float" },
  type: { number: 3, type: "enum", names: kinds },
});

const trainerSchema = schemaOf({
  input: { number: 1, type: "string", repeated: true },
  modelPrefix: { number: 2, type: "string" },
  modelType: { number: 3, type: "enum", names: modelTypes },
  vocabSize: { number: 4, type: "int32" },
  acceptLanguage: { number: 5, type: "string", repeated: true },
  selfTestSampleSize: { number: 6, type: "int32" },
  inputFormat: { number: 7, type: "string" },
  characterCoverage: { number: 10, type: "float" },
  inputSentenceSize: { number: 11, type: "uint64" },
  miningSentenceSize: { number: 12, type: "int32" },
  trainingSentenceSize: { number: 13, type: "int32" },
  seedSentencepieceSize: { number: 14, type: "int32" },
  shrinkingFactor: { number: 15, type: "float" },
  numThreads: { number: 16, type: "int32" },
  numSubIterations: { number: 17, type: "int32" },
  maxSentenceLength: { number: 18, type: "int32" },
  shuffleInputSentence: { number: 19, type: "bool" },
  maxSentencepieceLength: { number: 20, type: "int32" },
  splitByUnicodeScript: { number: 21, type: "bool" },
  splitByWhitespace: { number: 22, type: "bool" },
  splitByNumber: { number: 23, type: "bool" },
  treatWhitespaceAsSuffix: { number: 24, type: "bool" },
  splitDigits: { number: 25, type: "bool" },
  allowWhitespaceOnlyPieces: { number: 26, type: "bool" },
  controlSymbols: { number: 30, type: "string", repeated: true },
  userDefinedSymbols: { number: 31, type: "string", repeated: true },
  vocabularyOutputPieceScore: { number: 32, type: "bool" },
  hardVocabLimit: { number: 33, type: "bool" },
  useAllVocab: { number: 34, type: "bool" },
  byteFallback: { number: 35, type: "bool" },
  requiredChars: { number: 36, type: "string" },
  unkId: { number: 40, type: "int32" },
  bosId: { number: 41, type: "int32" },
  eosId: { number: 42, type: "int32" },
  padId: { number: 43, type: "int32" },
  unkSurface: { number: 44, type: "string" },
  unkPiece: { number: 45, type: "string" },
  bosPiece: { number: 46, type: "string" },
  eosPiece: { number: 47, type: "string" },
  padPiece: { number: 48, type: "string" },
  trainExtremelyLargeCorpus: { number: 49, type: "bool" },
  enableDifferentialPrivacy: { number: 50, type: "bool" },
  differentialPrivacyNoiseLevel: { number: 51, type: "float" },
  differentialPrivacyClippingThreshold: { number: 52, type: "uint64" },
  pretokenizationDelimiter: { number: 53, type: "string" },
  seedSentencepiecesFile: { number: 54, type: "string" },
});

const normalizerSchema = schemaOf({
  name: { number: 1, type: "string" },
  precompiledCharsmap: { number: 2, type: "bytes" },
  addDummyPrefix: { number: 3, type: "bool" },
  removeExtraWhitespaces: { number: 4, type: "bool" },
  escapeWhitespaces: { number: 5, type: "bool" },
  normalizationRuleTsv: { number: 6, type: "string" },
});

const sampleSchema = schemaOf({
  input: { number: 1, type: "string" },
  expected: { number: 2, type: "string" },
});

const selfTestSchema = schemaOf({
  samples: { number: 1, type: "message", repeated: true, schema: sampleSchema },
});

/** The schema of the whole file. */
export const modelSchema: MessageSchema = schemaOf({
  pieces: { number: 1, type: "message", repeated: true, schema: pieceSchema },
  trainerSpec: { number: 2, type: "message", schema: trainerSchema },
  normalizerSpec: { number: 3, type: "message", schema: normalizerSchema },
  selfTestData: { number: 4, type: "message", schema: selfTestSchema },
  denormalizerSpec: { number: 5, type: "message", schema: normalizerSchema },
});

function schemaOf(fields: Readonly<Record<string, FieldSchema>>): MessageSchema {
  return new Map(Object.entries(fields));
}
