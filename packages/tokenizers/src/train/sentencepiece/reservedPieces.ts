/**
 * The pieces that are not learned, and their ids: unknown, begin, end and padding where they are told to be; control
 * symbols, user-defined symbols and bytes on the ids that are free.
 *
 * Follows `InitMetaPieces` of SentencePiece's `trainer_interface.cc`.
 */

import { quote } from "../../describe.ts";
import type { PieceKind } from "../../sentencepiece/modelProto.ts";
import type { TrainingSettings } from "./settings.ts";

/** A piece that is not learned. */
export interface ReservedPiece {
  readonly piece: string;
  kind: PieceKind;
}

/** Ids to pieces. */
export type ReservedPieces = ReadonlyMap<number, Readonly<ReservedPiece>>;

/**
 * Lays the reserved pieces out.
 *
 * @throws RangeError if two of them have the same id or spelling, or one has no place in the vocabulary.
 */
export function layOutReservedPieces(settings: TrainingSettings): ReservedPieces {
  const { vocabSize, unkPiece } = settings;
  const pieces = new Map<number, ReservedPiece>();
  const placed = [
    { option: "unkId", id: settings.unkId, piece: unkPiece, kind: "unknown" },
    { option: "bosId", id: settings.bosId, piece: settings.bosPiece, kind: "control" },
    { option: "eosId", id: settings.eosId, piece: settings.eosPiece, kind: "control" },
    { option: "padId", id: settings.padId, piece: settings.padPiece, kind: "control" },
  ] as const;
  const ids = new Map<string, number>();
  for (const { option, id, piece, kind } of placed) {
    if (id < 0) continue;
    if (id >= vocabSize) throw invalid(`${option} below the vocabSize of ${vocabSize}`, String(id));
    const other = pieces.get(id);
    if (other !== undefined)
      throw invalid(`${option} to be an id of its own`, `${id}, which is that of ${quote(other.piece)}`);
    if (ids.has(piece)) throw invalid("different pieces for unknown, begin, end and padding", `${quote(piece)} twice`);
    pieces.set(id, { piece, kind });
    ids.set(piece, id);
  }

  const symbols = new Set<string>();
  let free = 0;
  const add = (piece: string, kind: PieceKind): void => {
    if (piece === "") throw invalid("symbols that are not empty", '""');
    if (symbols.has(piece)) throw invalid("each symbol once", `${quote(piece)} twice`);
    if (piece === unkPiece) throw invalid("symbols other than the unknown piece", quote(piece));
    symbols.add(piece);
    const id = ids.get(piece);
    if (id !== undefined) pieces.get(id)!.kind = kind;
    else {
      while (pieces.has(free)) free++;
      pieces.set(free, { piece, kind });
    }
  };
  for (const symbol of settings.controlSymbols) add(symbol, "control");
  for (const symbol of settings.userDefinedSymbols) add(symbol, "userDefined");
  if (settings.byteFallback) {
    for (let byte = 0; byte < 256; byte++) add(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, "byte");
  }
  if (pieces.size > vocabSize) {
    throw invalid(`vocabSize of at least the ${pieces.size} reserved pieces`, String(vocabSize));
  }
  return pieces;
}

function invalid(expected: string, got: string): RangeError {
  return new RangeError(`trainSentencePiece: expected ${expected}, got ${got}`);
}
