/**
 * What a tokenizer makes of a text: its ids, and on demand everything else about them.
 */

import type { OffsetUnit } from "../textOffsets.ts";
import type { Columns, Details } from "./columns.ts";

/** A text as tokens. */
export class Encoding {
  /** The id of each token. */
  readonly ids: Uint32Array<ArrayBuffer>;
  /** 0 for the tokens of the text and 1 for those of its pair, or what the post-processor says. */
  readonly typeIds: Uint32Array<ArrayBuffer>;
  /** 1 for tokens that a model should look at, 0 for padding. */
  readonly attentionMask: Uint8Array<ArrayBuffer>;
  /** 1 for tokens that were put around the text, 0 for those of the text. */
  readonly specialTokensMask: Uint8Array<ArrayBuffer>;
  /** What a truncation left over, each part as long as it may be. */
  readonly overflowing: readonly Encoding[];
  readonly #columns: Columns;
  readonly #texts: readonly string[];
  readonly #unit: OffsetUnit;
  readonly #findDetails: () => Details;
  #details: Details | undefined;
  #offsets: readonly (readonly [number, number])[] | undefined;

  /** Made by {@link Tokenizer.encode}. */
  constructor(columns: Columns, texts: readonly string[], unit: OffsetUnit, findDetails: () => Details) {
    this.ids = columns.ids;
    this.typeIds = columns.typeIds;
    this.attentionMask = columns.attentionMask;
    this.specialTokensMask = columns.specialTokensMask;
    this.overflowing = columns.overflowing.map((one) => new Encoding(one, texts, unit, findDetails));
    this.#columns = columns;
    this.#texts = texts;
    this.#unit = unit;
    this.#findDetails = findDetails;
    this.#details = columns.details;
  }

  /** Number of tokens. */
  get length(): number {
    return this.ids.length;
  }

  /** The tokens, spelled as in the vocabulary; an unknown one may be the text that it stands for. */
  get tokens(): readonly string[] {
    return this.#known.tokens;
  }

  /** Where in its text each token begins and ends, in the unit that was asked for; [0, 0] for tokens of no text. */
  get offsets(): readonly (readonly [start: number, end: number])[] {
    this.#offsets ??= inUnit(this.#known, this.#texts, this.#unit);
    return this.#offsets;
  }

  /** The number of the word (piece) that each token is in; undefined for tokens of no text. */
  get wordIds(): readonly (number | undefined)[] {
    return this.#known.words.map((word) => (word < 0 ? undefined : word));
  }

  /** 0 for tokens of the text, 1 for those of its pair, undefined for others. */
  get sequenceIds(): readonly (number | undefined)[] {
    const { sequences } = this.#columns;
    const ids = Array.from<number | undefined>({ length: this.length });
    if (sequences.size === 0) return ids.fill(0);
    for (let sequence = 0; sequence < sequences.size; sequence++) {
      const [start, end] = sequences.get(sequence) ?? [0, this.length];
      ids.fill(sequence, start, end);
    }
    return ids;
  }

  get #known(): Details {
    this.#details ??= this.#findDetails();
    return this.#details;
  }
}

function inUnit(
  { offsets, sources }: Details,
  texts: readonly string[],
  unit: OffsetUnit,
): readonly (readonly [number, number])[] {
  const counters = texts.map((text) => new PlaceCounter(text, unit));
  return sources.map((source, i) => {
    const counter = counters[source];
    const [start, end] = [offsets[2 * i], offsets[2 * i + 1]];
    return counter === undefined ? [start, end] : [counter.count(start), counter.count(end)];
  });
}

/** Counts characters or bytes up to places in a text; places mostly grow. */
class PlaceCounter {
  readonly #text: string;
  readonly #unit: OffsetUnit;
  #at = 0;
  #count = 0;

  constructor(text: string, unit: OffsetUnit) {
    this.#text = text;
    this.#unit = unit;
  }

  count(place: number): number {
    if (this.#unit === "utf16") return place;
    while (this.#at < place) this.#count += this.#weight(this.#text.charCodeAt(this.#at++));
    while (this.#at > place) this.#count -= this.#weight(this.#text.charCodeAt(--this.#at));
    return this.#count;
  }

  /** A surrogate pair counts with its first unit. */
  #weight(unit: number): number {
    const isSecond = unit >= 0xdc00 && unit < 0xe000;
    if (this.#unit === "codepoint") return isSecond ? 0 : 1;
    if (isSecond) return 0;
    return unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit < 0xdc00 ? 4 : 3;
  }
}
