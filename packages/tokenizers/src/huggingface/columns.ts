/**
 * The tokens of a text in columns: what an encoding is made of, and how several become one.
 */

/** All overflowing encodings of a text have so many tokens at most. */
export const MAX_OVERFLOW: number = 2 ** 26;

/** What only a look at every character tells. */
export interface Details {
  readonly tokens: string[];
  /** Where each token begins and ends in its text, in UTF-16 units; two numbers for each. */
  readonly offsets: number[];
  /** Number of the word that each token is in, -1 for none. */
  readonly words: number[];
  /** Number of the text that each token is of, -1 for none. */
  readonly sources: number[];
}

/** Tokens, and where the first and the second text lie among them. */
export interface Columns {
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly typeIds: Uint32Array<ArrayBuffer>;
  /** 1 for tokens that were added around the text. */
  readonly specialTokensMask: Uint8Array<ArrayBuffer>;
  /** 0 for tokens that only fill up. */
  readonly attentionMask: Uint8Array<ArrayBuffer>;
  /** Undefined where only ids were asked for. */
  readonly details: Details | undefined;
  /** Start and end of each sequence (0 for the text, 1 for its pair) among the tokens; none where a truncation lost them. */
  readonly sequences: ReadonlyMap<number, readonly [start: number, end: number]>;
  readonly overflowing: readonly Columns[];
}

/** Columns without tokens. */
export const noColumns: Columns = {
  ids: new Uint32Array(0),
  typeIds: new Uint32Array(0),
  specialTokensMask: new Uint8Array(0),
  attentionMask: new Uint8Array(0),
  details: { tokens: [], offsets: [], words: [], sources: [] },
  sequences: new Map(),
  overflowing: [],
};

/** Tokens of a text. */
export function textColumns(ids: Uint32Array<ArrayBuffer>, typeId: number, details: Details | undefined): Columns {
  return {
    ids,
    typeIds: new Uint32Array(ids.length).fill(typeId),
    specialTokensMask: new Uint8Array(ids.length),
    attentionMask: new Uint8Array(ids.length).fill(1),
    details,
    sequences: new Map(),
    overflowing: [],
  };
}

/** Tokens that are of no text. */
export function addedColumns(
  ids: readonly number[],
  tokens: readonly string[],
  typeId: number,
  attention: 0 | 1,
): Columns {
  return {
    ids: Uint32Array.from(ids),
    typeIds: new Uint32Array(ids.length).fill(typeId),
    specialTokensMask: new Uint8Array(ids.length).fill(1),
    attentionMask: new Uint8Array(ids.length).fill(attention),
    details: {
      tokens: [...tokens],
      offsets: Array.from({ length: 2 * ids.length }, () => 0),
      words: Array.from(ids, () => -1),
      sources: Array.from(ids, () => -1),
    },
    sequences: new Map(),
    overflowing: [],
  };
}

/** Some of the tokens, of which it is no longer known which text they are of. */
export function part(columns: Columns, start: number, end: number): Columns {
  const { details } = columns;
  return {
    ids: columns.ids.slice(start, end),
    typeIds: columns.typeIds.slice(start, end),
    specialTokensMask: columns.specialTokensMask.slice(start, end),
    attentionMask: columns.attentionMask.slice(start, end),
    details: details && {
      tokens: details.tokens.slice(start, end),
      offsets: details.offsets.slice(2 * start, 2 * end),
      words: details.words.slice(start, end),
      sources: details.sources.slice(start, end),
    },
    sequences: new Map(),
    overflowing: [],
  };
}

/** Marks all tokens as those of one sequence. */
export function ofSequence(columns: Columns, sequence: number): Columns {
  return { ...columns, sequences: new Map(columns.sequences).set(sequence, [0, columns.ids.length]) };
}

/** Gives all tokens one type. */
export function ofType(columns: Columns, typeId: number): Columns {
  return { ...columns, typeIds: new Uint32Array(columns.ids.length).fill(typeId) };
}

/**
 * Puts encodings one after another. What overflows of each is put together with the others and with what overflows of those, and has
 * overflowing encodings of its own, as the library has it.
 */
export function joined(parts: readonly Columns[]): Columns {
  if (parts.every(({ overflowing }) => overflowing.length === 0)) return sideBySide(parts);
  let room = MAX_OVERFLOW;
  const join = (before: Columns, after: Columns): Columns => {
    room -= before.ids.length + after.ids.length + 1;
    if (room < 0) {
      throw new RangeError(
        `Tokenizer.encode: expected at most ${MAX_OVERFLOW} overflowing tokens; raise truncation.maxLength or lower truncation.stride`,
      );
    }
    const overflowing: Columns[] = [];
    for (const over of before.overflowing) {
      overflowing.push(join(over, after));
      for (const other of after.overflowing) overflowing.push(join(over, other));
    }
    for (const other of after.overflowing) overflowing.push(join(before, other));
    return { ...sideBySide([before, after]), overflowing };
  };
  return parts.reduce(join, noColumns);
}

function sideBySide(parts: readonly Columns[]): Columns {
  const sequences = new Map<number, readonly [number, number]>();
  let length = 0;
  for (const part of parts) {
    for (const [sequence, [start, end]] of part.sequences) sequences.set(sequence, [length + start, length + end]);
    length += part.ids.length;
  }
  const ids = new Uint32Array(length);
  const typeIds = new Uint32Array(length);
  const specialTokensMask = new Uint8Array(length);
  const attentionMask = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    ids.set(part.ids, at);
    typeIds.set(part.typeIds, at);
    specialTokensMask.set(part.specialTokensMask, at);
    attentionMask.set(part.attentionMask, at);
    at += part.ids.length;
  }
  const details = joinedDetails(parts);
  return { ids, typeIds, specialTokensMask, attentionMask, details, sequences, overflowing: [] };
}

function joinedDetails(parts: readonly Columns[]): Details | undefined {
  const all: Details[] = [];
  for (const { details } of parts) {
    if (details === undefined) return undefined;
    all.push(details);
  }
  return {
    tokens: concatenated(all.map(({ tokens }) => tokens)),
    offsets: concatenated(all.map(({ offsets }) => offsets)),
    words: concatenated(all.map(({ words }) => words)),
    sources: concatenated(all.map(({ sources }) => sources)),
  };
}

/** A plain loop, several times as fast as flatMap. */
function concatenated<T>(lists: readonly (readonly T[])[]): T[] {
  const all: T[] = [];
  for (const list of lists) for (let i = 0; i < list.length; i++) all.push(list[i]);
  return all;
}
