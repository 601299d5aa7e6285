/**
 * The tokens of pieces that came before. Where it is full it starts anew.
 */

/** Longer pieces hardly come twice. */
const LONGEST = 128;
const MOST = 1 << 15;

interface Known {
  readonly ids: Int32Array;
  readonly lengths: Int32Array;
}

export class PieceTokens {
  readonly #known = new Map<string, Known>();

  get(piece: string): Known | undefined {
    return piece.length > LONGEST ? undefined : this.#known.get(piece);
  }

  /** Keeps copies of the tokens and of their lengths. */
  set(piece: string, ids: Int32Array, lengths: Int32Array, count: number): void {
    if (piece.length > LONGEST) return;
    if (this.#known.size === MOST) this.#known.clear();
    this.#known.set(piece, { ids: ids.slice(0, count), lengths: lengths.slice(0, count) });
  }
}
