/**
 * The pieces of a model, checked and ready to be looked up by id, by spelling and, as a trie, by bytes.
 */

import { isSingleCharacter } from "../codePoints.ts";
import { quote } from "../describe.ts";
import { ByteTrie } from "./byteTrie.ts";
import type { ModelProto, PieceKind } from "./modelProto.ts";

/** The pieces; the index of each is its id. */
export class Vocabulary {
  readonly pieces: readonly string[];
  readonly scores: Float32Array;
  /** What each piece is for; {@link SentencePieceProcessor.setVocabulary} changes it. */
  readonly kinds: PieceKind[];
  readonly unkId: number;
  /** Ids of the pieces for beginning and end of a text and for padding, where the model has them. */
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** The id of each byte's piece, or `undefined` without byte fallback. */
  readonly byteIds: Int32Array | undefined;
  /** The byte of each byte piece's id. */
  readonly bytes: ReadonlyMap<number, number>;
  /** Ids of the pieces that text can give: normal, user-defined and unused ones. */
  readonly trie: ByteTrie;
  /** The user-defined pieces alone, or `undefined` if there are none. */
  readonly userDefined: ByteTrie | undefined;
  readonly #ids: ReadonlyMap<string, number>;

  /**
   * @param model - The file's content.
   * @throws RangeError if pieces are empty, repeated, without a finite score, or not one of them is the unknown one; or
   * if the byte pieces are not those that the trainer's `byteFallback` asks for.
   */
  constructor(model: ModelProto) {
    const pieces = model.pieces ?? [];
    this.pieces = pieces.map(({ piece = "" }) => piece);
    this.kinds = pieces.map(({ type = "normal" }) => type);
    this.scores = Float32Array.from(pieces, ({ score = 0 }) => score);
    const fromText = new Map<string, number>();
    const reserved = new Map<string, number>();
    this.pieces.forEach((piece, id) => {
      const ids = isFromText(this.kinds[id]) ? fromText : reserved;
      if (piece === "") throw invalid("no empty piece", `one, or one that is not UTF-8, with id ${id}`);
      if (ids.has(piece)) throw invalid("distinct pieces", `${quote(piece)} with ids ${ids.get(piece)} and ${id}`);
      if (!Number.isFinite(this.scores[id])) {
        throw invalid("finite scores", `${this.scores[id]} for ${quote(piece)} with id ${id}`);
      }
      ids.set(piece, id);
    });
    const unknown = [...this.kinds.keys()].filter((id) => this.kinds[id] === "unknown");
    if (unknown.length !== 1) throw invalid("one unknown piece", `${unknown.length}`);
    if (fromText.size === 0) throw invalid("one normal piece or more", "none");
    this.unkId = unknown[0];
    this.byteIds = model.trainerSpec?.byteFallback ? new Int32Array(256).fill(-1) : undefined;
    this.bytes = this.#byteOfId();
    this.#ids = new Map([...fromText, ...reserved]);
    this.trie = new ByteTrie(fromText);
    const symbols = [...fromText].filter(([, id]) => this.kinds[id] === "userDefined");
    this.userDefined = symbols.length > 0 ? new ByteTrie(symbols) : undefined;
    const { bosPiece, eosPiece, padPiece } = model.trainerSpec ?? {};
    this.bosId = this.#controlId(bosPiece || "<s>");
    this.eosId = this.#controlId(eosPiece || "</s>");
    this.padId = this.#controlId(padPiece || "<pad>");
  }

  /** The id of a piece, or the unknown piece's. */
  idOf(piece: string): number {
    return this.#ids.get(piece) ?? this.unkId;
  }

  /**
   * Makes normal pieces unused, and unused ones normal.
   *
   * @param isUsed - Whether a piece may be used; single characters may always, so that text can be spelled.
   */
  restrict(isUsed: (piece: string) => boolean): void {
    this.pieces.forEach((piece, id) => {
      if (this.kinds[id] !== "normal" && this.kinds[id] !== "unused") return;
      this.kinds[id] = isSingleCharacter(piece) || isUsed(piece) ? "normal" : "unused";
    });
  }

  #controlId(piece: string): number | undefined {
    const id = this.idOf(piece);
    return this.kinds[id] === "control" ? id : undefined;
  }

  /** Fills in {@link byteIds} and checks that they are complete. */
  #byteOfId(): Map<number, number> {
    const bytes = new Map<number, number>();
    this.kinds.forEach((kind, id) => {
      if (kind !== "byte") return;
      const piece = this.pieces[id];
      const byte = /^<0x[0-9A-F]{2}>$/.test(piece) ? Number.parseInt(piece.slice(3, 5), 16) : -1;
      if (byte < 0) throw invalid("byte pieces <0x00> to <0xFF>", quote(piece));
      if (this.byteIds === undefined) throw invalid("no byte pieces without byteFallback", quote(piece));
      this.byteIds[byte] = id;
      bytes.set(id, byte);
    });
    const missing = this.byteIds?.indexOf(-1) ?? -1;
    if (missing >= 0) throw invalid("256 byte pieces for byteFallback", `none for ${bytePiece(missing)}`);
    return bytes;
  }
}

/** The spelling of a byte's piece. */
function bytePiece(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** Whether pieces of a kind can come from text. */
function isFromText(kind: PieceKind): boolean {
  return kind === "normal" || kind === "userDefined" || kind === "unused";
}

function invalid(expected: string, got: string): RangeError {
  return new RangeError(`SentencePieceProcessor: expected a model with ${expected}, got ${got}`);
}
