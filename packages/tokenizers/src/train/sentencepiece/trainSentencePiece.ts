/**
 * Training of SentencePiece models on sentences that come one at a time.
 */

import { describe } from "../../describe.ts";
import { writeModelProto } from "../../sentencepiece/modelProto.ts";
import { Normalizer } from "../../sentencepiece/normalizer.ts";
import { SentencePieceProcessor } from "../../sentencepiece/processor.ts";
import { Pace } from "../pace.ts";
import { checkRequiredChars, chooseAlphabet } from "./alphabet.ts";
import { assembleModel } from "./assembleModel.ts";
import { Corpus } from "./corpus.ts";
import { feedSentences } from "./feedSentences.ts";
import { learnPieces, type Report } from "./learnPieces.ts";
import { normalizerSpecsOf } from "./normalizerSpecs.ts";
import type { SentencePieceTrainingOptions } from "./options.ts";
import { layOutReservedPieces } from "./reservedPieces.ts";
import { checkSettings, type TrainingSettings } from "./settings.ts";

/**
 * Trains a SentencePiece model.
 *
 * Pieces, ids and scores are those of C++ SentencePiece 0.1.97 with one thread, which loads what `toBytes()` of the result
 * gives. Text is read once. Memory follows the number of distinct words, or, without `splitByWhitespace`, the text.
 *
 * @param sentences - Texts, from anything that can be iterated: lines, as a rule. No piece reaches from one into the next.
 * Empty ones are passed over, and so are those that `maxSentenceLength` excludes: `onProgress` tells how many.
 * @throws TypeError or RangeError if an option or a sentence is not what it should be, or the text does not give as many
 * pieces as `vocabSize` asks for; the reason of `signal` when it is aborted; what `sentences` throws.
 *
 * @example
 * ```ts
 * const processor = await trainSentencePiece(lines, { modelType: "bpe", vocabSize: 8000 });
 * await writeFile("own.model", processor.toBytes());
 * ```
 *
 * @see T. Kudo, J. Richardson, "SentencePiece", EMNLP 2018
 */
export async function trainSentencePiece(
  sentences: Iterable<string> | AsyncIterable<string>,
  options: SentencePieceTrainingOptions = {},
): Promise<SentencePieceProcessor> {
  const settings = checkSettings(options);
  checkRequiredChars(settings.requiredChars);
  checkSentences(sentences);
  const pace = new Pace("trainSentencePiece", options.signal);
  const reserved = layOutReservedPieces(settings);
  const specs = normalizerSpecsOf(settings);
  const tally = { read: 0, tooLong: 0, reserved: 0 };
  const report: Report = (phase, done, total) => {
    options.onProgress?.({ phase, done, total, tooLong: tally.tooLong, reserved: tally.reserved });
  };
  const normalizer = new Normalizer(specs.normalizerSpec, {
    treatWhitespaceAsSuffix: settings.treatWhitespaceAsSuffix,
  });
  const corpus = new Corpus(normalizer, reserved, {
    words: wordRuleOf(settings),
    followers: settings.modelType === "unigram",
  });
  const selfTest = await feedSentences(sentences, corpus, settings, tally, pace, () =>
    report("read", tally.read, undefined),
  );
  report("read", tally.read, tally.read);
  const alphabet = chooseAlphabet(corpus.words, settings);
  if (alphabet.length === 0) {
    throw new RangeError(`trainSentencePiece: expected sentences with characters, got ${tally.read} without any`);
  }
  const learned = await learnPieces({ corpus, alphabet, settings, reserved, pace, report });
  const model = assembleModel(settings, reserved, learned, specs);
  const processor = SentencePieceProcessor.fromBytes(writeModelProto(model));
  if (selfTest.length === 0) return processor;
  const samples = selfTest.map((input) => ({ input, expected: processor.encodeWithOffsets(input).pieces.join(" ") }));
  return SentencePieceProcessor.fromBytes(writeModelProto({ ...model, selfTestData: { samples } }));
}

/** How words are cut; `undefined` where pieces may cross them. */
function wordRuleOf({
  modelType,
  splitByWhitespace,
  treatWhitespaceAsSuffix,
  allowWhitespaceOnlyPieces,
}: TrainingSettings) {
  if (modelType === "word" || modelType === "char") return { suffix: false, runs: false };
  return splitByWhitespace ? { suffix: treatWhitespaceAsSuffix, runs: allowWhitespaceOnlyPieces } : undefined;
}

function checkSentences(sentences: unknown): void {
  if (typeof sentences === "string") {
    throw new TypeError(
      'trainSentencePiece: expected an iterable of sentences, got a string; split it: text.split("\\n")',
    );
  }
  const isIterable =
    typeof sentences === "object" &&
    sentences !== null &&
    (Symbol.iterator in sentences || Symbol.asyncIterator in sentences);
  if (!isIterable)
    throw new TypeError(`trainSentencePiece: expected an iterable of sentences, got ${describe(sentences)}`);
}
