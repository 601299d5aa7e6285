/**
 * Puts a model together: reserved pieces on their ids, learned ones on the others, and what the trainer was told.
 *
 * Follows `Serialize` of SentencePiece's `trainer_interface.cc`.
 */

import { quote } from "../../describe.ts";
import type { ModelProto, PieceProto, TrainerSpec } from "../../sentencepiece/modelProto.ts";
import type { NormalizerSpecs } from "./normalizerSpecs.ts";
import type { ReservedPieces } from "./reservedPieces.ts";
import { defaults, type TrainingSettings } from "./settings.ts";

/** A piece that was learned. */
export interface LearnedPiece {
  readonly piece: string;
  readonly score: number;
}

/** Options that belong to the normalizers. */
const normalizerOptions: readonly string[] = [
  "normalizationRuleName",
  "normalizationRuleTsv",
  "denormalizationRuleTsv",
  "addDummyPrefix",
  "removeExtraWhitespaces",
];

/** @throws RangeError if the learned pieces are fewer than asked for, or spell reserved ones. */
export function assembleModel(
  settings: TrainingSettings,
  reserved: ReservedPieces,
  learned: readonly LearnedPiece[],
  specs: NormalizerSpecs,
): ModelProto {
  const { modelType, useAllVocab, hardVocabLimit } = settings;
  const most = learned.length + reserved.size;
  const vocabSize = useAllVocab ? most : settings.vocabSize;
  const isHard = hardVocabLimit && modelType !== "char";
  if (isHard && most < vocabSize) {
    throw new RangeError(
      `trainSentencePiece: expected vocabSize of at most ${most}, which is what this text gives, got ${vocabSize}; ` +
        "set it lower, or hardVocabLimit to false",
    );
  }
  const pieces: PieceProto[] = [];
  const spellings = new Set<string>();
  let next = 0;
  for (let id = 0; id < vocabSize; id++) {
    const kept = reserved.get(id);
    if (kept !== undefined) {
      if (id !== pieces.length) {
        throw new RangeError(
          `trainSentencePiece: expected ids of reserved pieces below the ${most} pieces that this text gives, got ${id} for ` +
            quote(kept.piece),
        );
      }
      pieces.push({ piece: kept.piece, score: 0, type: kept.kind });
    } else if (next < learned.length) pieces.push(learned[next++]);
    else continue;
    const { piece } = pieces.at(-1)!;
    if (spellings.has(piece!)) {
      throw new RangeError(
        `trainSentencePiece: expected pieces of one kind each, got ${quote(piece!)} both reserved and learned`,
      );
    }
    spellings.add(piece!);
  }
  return { pieces, trainerSpec: trainerSpecOf(settings, pieces.length), ...specs };
}

/** What differs from the defaults; the size and the type are always there. */
function trainerSpecOf(settings: TrainingSettings, vocabSize: number): TrainerSpec {
  const spec: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (normalizerOptions.includes(name)) continue;
    const standard = defaults[name as keyof TrainingSettings];
    const isDefault = Array.isArray(value) ? value.length === 0 : value === standard;
    if (!isDefault || name === "modelType") spec[name] = value;
  }
  return { ...spec, vocabSize };
}
