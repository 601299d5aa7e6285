/**
 * Where in each sentence seeds stand: found once, and thinned out as pieces go, so that later rounds need not look again.
 */

import { Int32List } from "./int32List.ts";
import type { TrainingLattice } from "./trainingLattice.ts";
import type { UnigramPieces } from "./unigramPieces.ts";

/** An extent is a place times 2^10, plus a length. */
export const LENGTH_BITS = 10;
export const LONGEST: number = (1 << LENGTH_BITS) - 1;
/** Places fit an extent below this length. */
const LONGEST_SENTENCE = 2 ** (31 - LENGTH_BITS);
/** Spans kept, at eight bytes each; sentences beyond are looked at anew each time. */
const MOST_SPANS = 2 ** 24;

/** The spans `from` to `to` of one sentence, by place, then by length. */
export interface SentenceSpans {
  seeds: Int32Array;
  extents: Int32Array;
  from: number;
  /** Goes down as spans are taken out. */
  to: number;
}

/** The spans of the first sentences of a text. */
export class SeedSpans {
  readonly #seeds = new Int32List();
  readonly #extents = new Int32List();
  readonly #from = new Int32List();
  readonly #to = new Int32List();
  readonly #current: SentenceSpans = { seeds: this.#seeds.items, extents: this.#extents.items, from: 0, to: 0 };

  /** Builds the lattice of a sentence if its spans are kept. */
  lay(sentence: number, lattice: TrainingLattice, pieces: UnigramPieces, unknownScore: number, size: number): boolean {
    if (sentence >= this.#from.length) return false;
    const spans = this.#current;
    spans.seeds = this.#seeds.items;
    spans.extents = this.#extents.items;
    spans.from = this.#from.items[sentence];
    spans.to = this.#to.items[sentence];
    lattice.buildFrom(pieces, unknownScore, size, spans);
    this.#to.items[sentence] = spans.to;
    return true;
  }

  /** Keeps the spans of a sentence, the next one, if there is room. */
  keep(sentence: number, { count, seeds, starts, ends, size }: TrainingLattice): void {
    const isNext = sentence === this.#from.length;
    if (!isNext || size >= LONGEST_SENTENCE || this.#seeds.length + count > MOST_SPANS) return;
    this.#from.push(this.#seeds.length);
    for (let node = 0; node < count; node++) {
      if (seeds[node] < 0) continue;
      this.#seeds.push(seeds[node]);
      this.#extents.push((starts[node] << LENGTH_BITS) | (ends[node] - starts[node]));
    }
    this.#to.push(this.#seeds.length);
  }
}
