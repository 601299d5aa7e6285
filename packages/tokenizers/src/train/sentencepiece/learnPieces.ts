/**
 * From the text and its alphabet to the pieces: the four types of models.
 */

import type { Pace } from "../pace.ts";
import type { CountedCharacter } from "./alphabet.ts";
import type { LearnedPiece } from "./assembleModel.ts";
import { BpeLearner } from "./bpeLearner.ts";
import type { Corpus } from "./corpus.ts";
import { characterPieces, wordPieces } from "./frequencyModels.ts";
import type { SentencePieceTrainingProgress } from "./options.ts";
import { PieceRule } from "./pieceRule.ts";
import type { ReservedPieces } from "./reservedPieces.ts";
import { seedPieces } from "./seedPieces.ts";
import type { TrainingSettings } from "./settings.ts";
import { textOfSentences, textOfWords } from "./trainingText.ts";
import { UnigramLearner } from "./unigramLearner.ts";

/** Tells how far a training is. */
export type Report = (phase: SentencePieceTrainingProgress["phase"], done: number, total: number | undefined) => void;

/** What pieces are learned from, and how. */
export interface LearningTask {
  readonly corpus: Corpus;
  readonly alphabet: readonly CountedCharacter[];
  readonly settings: TrainingSettings;
  readonly reserved: ReservedPieces;
  readonly pace: Pace;
  readonly report: Report;
}

/** A vocabulary has more pieces than needed before its last step, by this factor. */
const SURPLUS = 1.1;

/**
 * Learns pieces, as many as there is room for beside the reserved ones, or all.
 *
 * @throws RangeError if there is no room for the alphabet; the reason of the signal once it is aborted.
 */
export async function learnPieces(task: LearningTask): Promise<LearnedPiece[]> {
  const { corpus, alphabet, settings, reserved } = task;
  const { modelType, useAllVocab, vocabSize } = settings;
  const room = useAllVocab ? Infinity : vocabSize - reserved.size;
  if (modelType === "char") return characterPieces(alphabet, room);
  if (modelType === "word") return wordPieces(textOfWords(corpus, pointsOf(alphabet)), room);
  if (alphabet.length > room) {
    throw new RangeError(
      `trainSentencePiece: expected vocabSize of at least ${alphabet.length + reserved.size} (${alphabet.length} characters and ` +
        `${reserved.size} reserved pieces), got ${vocabSize}; set it higher, or characterCoverage lower`,
    );
  }
  return modelType === "bpe" ? learnBpe(task, room) : learnUnigram(task, room);
}

async function learnBpe(
  { corpus, alphabet, settings, pace, report }: LearningTask,
  room: number,
): Promise<LearnedPiece[]> {
  const points = pointsOf(alphabet);
  const text = settings.splitByWhitespace ? textOfWords(corpus, points) : textOfSentences(corpus, points, true);
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

async function learnUnigram(
  { corpus, alphabet, settings, pace, report }: LearningTask,
  room: number,
): Promise<LearnedPiece[]> {
  const points = pointsOf(alphabet);
  const text = settings.splitByWhitespace ? textOfWords(corpus, points) : textOfSentences(corpus, points, false);
  const seeds = seedPieces(corpus, alphabet, new PieceRule(settings), settings);
  report("seed", seeds.scores.length, seeds.scores.length);
  // Some more than needed, from which the best are taken at the end.
  const enough = Math.trunc(settings.vocabSize * SURPLUS);
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

function pointsOf(alphabet: readonly CountedCharacter[]): Set<number> {
  return new Set(alphabet.map(({ point }) => point));
}
