/**
 * Text on its way through normalizers and pre-tokenizers, each of whose characters knows which part of the original it comes from.
 *
 * A counterpart of `NormalizedString` in Hugging Face's library, in UTF-16 units: parts of a text share its tables, and a text that nothing
 * has changed has none. Positions in the original are absolute, whatever part a text is.
 */

/** Text and where it comes from. Immutable. */
export class AlignedText {
  readonly text: string;
  /** Where the part of the original that this text stands for begins and ends. */
  readonly originStart: number;
  readonly originEnd: number;
  /** Original range of each unit, from `#from` on; none where units stand for themselves. */
  readonly #starts: Int32Array | undefined;
  readonly #ends: Int32Array | undefined;
  readonly #from: number;

  constructor(
    text: string,
    originStart: number,
    originEnd: number,
    ranges?: { readonly starts: Int32Array; readonly ends: Int32Array; readonly from: number },
  ) {
    this.text = text;
    this.originStart = originStart;
    this.originEnd = originEnd;
    this.#starts = ranges?.starts;
    this.#ends = ranges?.ends;
    this.#from = ranges?.from ?? 0;
  }

  /** A text that stands for itself; it must be well-formed UTF-16. */
  static of(text: string): AlignedText {
    return new AlignedText(text, 0, text.length);
  }

  /** Whether the first character stands for something: what does not, at the beginning, no rewriting reaches. */
  get isAnchored(): boolean {
    return this.originStart < this.originEnd && this.text !== "" && this.startOf(0) < this.endOf(0);
  }

  /** Where in the original the unit at `at` begins; `at` must be the first of a character. */
  startOf(at: number): number {
    return this.#starts === undefined ? this.originStart + at : this.#starts[this.#from + at];
  }

  /** Where in the original the unit at `at` ends; `at` must be the last of a character. */
  endOf(at: number): number {
    return this.#ends === undefined ? this.originStart + at + 1 : this.#ends[this.#from + at];
  }

  /** The part from one character boundary to another. */
  slice(from: number, to: number): AlignedText {
    if (from === 0 && to === this.text.length) return this;
    const text = this.text.slice(from, to);
    if (from === to) return new AlignedText(text, this.originStart + from, this.originStart + from);
    const start = this.startOf(from);
    const end = this.endOf(to - 1);
    if (this.#starts === undefined || this.#ends === undefined) return new AlignedText(text, start, end);
    return new AlignedText(text, start, end, { starts: this.#starts, ends: this.#ends, from: this.#from + from });
  }

  /** With something in front, which stands for the same as the first character; with nothing, the first stands for nothing. */
  prepend(prefix: string): AlignedText {
    const { text } = this;
    if (text === "") return this;
    const first = text.codePointAt(0)! > 0xffff ? 2 : 1;
    const starts = new Int32Array(prefix.length + text.length);
    const ends = new Int32Array(prefix.length + text.length);
    this.copyRanges(0, text.length, starts, ends, prefix.length);
    starts.fill(prefix === "" ? this.originStart : this.startOf(0), 0, prefix.length || first);
    ends.fill(prefix === "" ? this.originStart : this.endOf(first - 1), 0, prefix.length || first);
    return new AlignedText(prefix + text, this.originStart, this.originEnd, { starts, ends, from: 0 });
  }

  /** Writes the original ranges of the units from one character boundary to another into arrays. */
  copyRanges(from: number, to: number, starts: Int32Array, ends: Int32Array, target: number): void {
    if (this.#starts !== undefined && this.#ends !== undefined) {
      for (let at = this.#from + from; at < this.#from + to; at++, target++) {
        starts[target] = this.#starts[at];
        ends[target] = this.#ends[at];
      }
      return;
    }
    for (let at = from; at < to; at++, target++) {
      const isPair = isHighSurrogate(this.text.charCodeAt(at));
      starts[target] = this.originStart + at;
      ends[target] = this.originStart + at + (isPair ? 2 : 1);
      if (!isPair) continue;
      at++;
      target++;
      starts[target] = starts[target - 1];
      ends[target] = ends[target - 1];
    }
  }
}

/** Whether a unit is the first of a surrogate pair, in well-formed text. */
export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
