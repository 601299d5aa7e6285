/**
 * Training of SentencePiece models on sentences that come one at a time.
 */

import { describe } from "../../describe.ts";
import type { NormalizerSpec } from "../../sentencepiece/modelProto.ts";
import { writeModelProto } from "../../sentencepiece/modelProto.ts";
import { Normalizer } from "../../sentencepiece/normalizer.ts";
import { SentencePieceProcessor } from "../../sentencepiece/processor.ts";
import { Pace } from "../pace.ts";
import { checkRequiredChars, chooseAlphabet, type CountedCharacter } from "./alphabet.ts";
import { assembleModel, type LearnedPiece } from "./assembleModel.ts";
import { BpeLearner } from "./bpeLearner.ts";
import { charsmapOf } from "./compileCharsmap.ts";
import { Corpus } from "./corpus.ts";
import { feedSentences } from "./feedSentences.ts";
import { characterPieces, wordPieces } from "./frequencyModels.ts";
import type { SentencePieceTrainingOptions, SentencePieceTrainingProgress } from "./options.ts";
import { PieceRule } from "./pieceRule.ts";
import { layOutReservedPieces, type ReservedPieces } from "./reservedPieces.ts";
import { seedPieces } from "./seedPieces.ts";
import { checkSettings, type TrainingSettings } from "./settings.ts";
import { textOfSentences, textOfWords, type TrainingText } from "./trainingText.ts";
import { UnigramLearner } from "./unigramLearner.ts";

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
  const normalizerSpec: NormalizerSpec = {
    name: settings.normalizationRuleName,
    precompiledCharsmap: charsmapOf(settings.normalizationRuleName),
    addDummyPrefix: settings.addDummyPrefix,
    removeExtraWhitespaces: settings.removeExtraWhitespaces,
    escapeWhitespaces: true,
  };

  const tally = { read: 0, tooLong: 0, reserved: 0 };
  const report: Report = (phase, done, total) => {
    options.onProgress?.({ phase, done, total, tooLong: tally.tooLong, reserved: tally.reserved });
  };
  const normalizer = new Normalizer(normalizerSpec, { treatWhitespaceAsSuffix: settings.treatWhitespaceAsSuffix });
  const corpus = new Corpus(normalizer, reserved, {
    words: wordRuleOf(settings),
    followers: settings.modelType === "unigram",
  });
  await feedSentences(sentences, corpus, settings, tally, pace, () => report("read", tally.read, undefined));
  report("read", tally.read, tally.read);
  const alphabet = chooseAlphabet(corpus.words, settings);
  if (alphabet.length === 0) {
    throw new RangeError(`trainSentencePiece: expected sentences with characters, got ${tally.read} without any`);
  }
  const learned = await learn(corpus, alphabet, settings, reserved, pace, report);
  return SentencePieceProcessor.fromBytes(writeModelProto(assembleModel(settings, reserved, learned, normalizerSpec)));
}

type Report = (phase: SentencePieceTrainingProgress["phase"], done: number, total: number | undefined) => void;

async function learn(
  corpus: Corpus,
  alphabet: readonly CountedCharacter[],
  settings: TrainingSettings,
  reserved: ReservedPieces,
  pace: Pace,
  report: Report,
): Promise<LearnedPiece[]> {
  const { modelType, useAllVocab, vocabSize } = settings;
  const room = useAllVocab ? Infinity : vocabSize - reserved.size;
  const points = new Set(alphabet.map(({ point }) => point));
  if (modelType === "char") return characterPieces(alphabet, room);
  if (modelType === "word") return wordPieces(textOfWords(corpus, points), room);
  if (alphabet.length > room) {
    throw new RangeError(
      `trainSentencePiece: expected vocabSize of at least ${alphabet.length + reserved.size} (${alphabet.length} characters and ` +
        `${reserved.size} reserved pieces), got ${vocabSize}; set it higher, or characterCoverage lower`,
    );
  }
  const text = settings.splitByWhitespace
    ? textOfWords(corpus, points)
    : textOfSentences(corpus, points, modelType === "bpe");
  const task = { corpus, alphabet, text, settings, room, pace, report };
  return modelType === "bpe" ? learnBpe(task) : learnUnigram(task);
}

interface LearningTask {
  readonly corpus: Corpus;
  readonly alphabet: readonly CountedCharacter[];
  readonly text: TrainingText;
  readonly settings: TrainingSettings;
  /** Number of pieces to learn. */
  readonly room: number;
  readonly pace: Pace;
  readonly report: Report;
}

async function learnBpe({ alphabet, text, settings, room, pace, report }: LearningTask): Promise<LearnedPiece[]> {
  const merges = room - alphabet.length;
  const learner = new BpeLearner(text, new PieceRule(settings));
  while (learner.pieces.length < merges && learner.learn()) {
    if (!pace.isDue) continue;
    report("choose", learner.pieces.length, merges);
    await pace.turn();
  }
  report("choose", learner.pieces.length, merges);
  const characters = alphabet.map(({ point }) => String.fromCodePoint(point));
  return [...learner.pieces, ...characters].map((piece, rank) => ({ piece, score: -rank }));
}

async function learnUnigram({
  corpus,
  alphabet,
  text,
  settings,
  room,
  pace,
  report,
}: LearningTask): Promise<LearnedPiece[]> {
  const seeds = seedPieces(corpus, alphabet, new PieceRule(settings), settings);
  report("seed", seeds.scores.length, seeds.scores.length);
  // Some more than needed, from which the best are taken at the end.
  const enough = Math.trunc(settings.vocabSize * 1.1);
  const reportSize = () => report("choose", learner.pieces.size, enough);
  const learner = new UnigramLearner(text, seeds, pace, async () => {
    reportSize();
    await pace.turn();
  });
  for (let before = Infinity; ;) {
    for (let step = 0; step < settings.numSubIterations; step++) await learner.fit();
    // Where nothing can be dropped, another round would not help.
    if (learner.pieces.size <= enough || learner.pieces.size === before) break;
    before = learner.pieces.size;
    await learner.prune(enough, settings.shrinkingFactor);
  }
  reportSize();
  return learner.finish(alphabet, room);
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
