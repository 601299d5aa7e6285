/**
 * The tokens of a text in columns: what an encoding is made of, and how several become one.
 */

/** Encodings that do not fit are cut into so many at most. */
const MAX_OVERFLOWING = 1 << 20;

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
const noColumns: Columns = {
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

/** Marks all tokens as those of one sequence. */
export function ofSequence(columns: Columns, sequence: number): Columns {
  return { ...columns, sequences: new Map(columns.sequences).set(sequence, [0, columns.ids.length]) };
}

/** Gives all tokens one type. */
export function ofType(columns: Columns, typeId: number): Columns {
  return { ...columns, typeIds: new Uint32Array(columns.ids.length).fill(typeId) };
}

/**
 * Puts encodings one after another; what overflows of each is combined with what overflows of the others.
 */
export function joined(parts: readonly Columns[]): Columns {
  if (parts.every(({ overflowing }) => overflowing.length === 0)) return sideBySide(parts);
  return parts.reduce((before, part) => {
    const count = (before.overflowing.length + 1) * (part.overflowing.length + 1) - 1;
    if (count > MAX_OVERFLOWING) {
      throw new RangeError(
        `Tokenizer.encode: expected at most ${MAX_OVERFLOWING} overflowing encodings, got ${count}; raise maxLength or lower stride`,
      );
    }
    const overflowing: Columns[] = [];
    for (const over of before.overflowing) {
      overflowing.push(sideBySide([over, part]));
      for (const other of part.overflowing) overflowing.push(sideBySide([over, other]));
    }
    for (const other of part.overflowing) overflowing.push(sideBySide([before, other]));
    return { ...sideBySide([before, part]), overflowing };
  }, noColumns);
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
    tokens: all.flatMap(({ tokens }) => tokens),
    offsets: all.flatMap(({ offsets }) => offsets),
    words: all.flatMap(({ words }) => words),
    sources: all.flatMap(({ sources }) => sources),
  };
}
