/**
 * Truncation: what is left of a text, or of a text and its pair, that has too many tokens. The rest is cut into overflowing encodings.
 */

import { describe } from "../describe.ts";
import { type Columns, MAX_OVERFLOW, noColumns, part } from "./columns.ts";
import type { Fields } from "./fields.ts";

/** How long encodings may be, and what is cut. */
export interface Truncation {
  /** The most tokens of an encoding, those around the text included. */
  readonly maxLength: number;
  /**
   * Which of two texts is cut: the longer one until both are equally long, only the text, or only its pair.
   *
   * @defaultValue "longestFirst"
   */
  readonly strategy?: "longestFirst" | "onlyFirst" | "onlySecond";
  /**
   * How many tokens an overflowing encoding has in common with the one before; fewer than fit into one.
   *
   * @defaultValue 0
   */
  readonly stride?: number;
  /**
   * The end at which is cut.
   *
   * @defaultValue "right"
   */
  readonly direction?: "right" | "left";
}

const MAX = 0x7fffffff;

const strategies = { LongestFirst: "longestFirst", OnlyFirst: "onlyFirst", OnlySecond: "onlySecond" } as const;
const strategyNames = { longestFirst: "LongestFirst", onlyFirst: "OnlyFirst", onlySecond: "OnlySecond" } as const;

/** Reads the field `truncation`. */
export function readTruncation(fields: Fields): Required<Truncation> {
  return {
    maxLength: fields.count("max_length", MAX),
    strategy: strategies[fields.oneOf("strategy", ["LongestFirst", "OnlyFirst", "OnlySecond"])],
    stride: fields.count("stride", MAX),
    direction: fields.oneOf("direction", ["Right", "Left"], "Right") === "Right" ? "right" : "left",
  };
}

/** As in a `tokenizer.json`. */
export function truncationJson({ maxLength, strategy, stride, direction }: Required<Truncation>): unknown {
  return {
    direction: direction === "right" ? "Right" : "Left",
    max_length: maxLength,
    strategy: strategyNames[strategy],
    stride,
  };
}

/** Checks the option of a caller. */
export function checkedTruncation(option: Truncation): Required<Truncation> {
  const { maxLength, strategy = "longestFirst", stride = 0, direction = "right" } = option;
  if (!Number.isInteger(maxLength) || maxLength < 0) {
    throw new RangeError(`Tokenizer.encode: expected truncation.maxLength from 0 on, got ${describe(maxLength)}`);
  }
  if (!Number.isInteger(stride) || stride < 0) {
    throw new RangeError(`Tokenizer.encode: expected truncation.stride from 0 on, got ${describe(stride)}`);
  }
  if (!Object.hasOwn(strategyNames, strategy)) {
    throw new RangeError(
      `Tokenizer.encode: expected truncation.strategy "longestFirst", "onlyFirst" or "onlySecond", got ${describe(strategy)}`,
    );
  }
  if (direction !== "right" && direction !== "left") {
    throw new RangeError(
      `Tokenizer.encode: expected truncation.direction "right" or "left", got ${describe(direction)}`,
    );
  }
  return { maxLength, strategy, stride, direction };
}

/**
 * Cuts one encoding, or two together.
 *
 * @param added - Number of tokens that will be put around the text.
 */
export function truncated(parts: readonly Columns[], truncation: Required<Truncation>, added: number): Columns[] {
  const { maxLength, strategy } = truncation;
  const room = maxLength - added;
  if (room < 0) {
    throw new RangeError(
      `Tokenizer.encode: expected truncation.maxLength of at least ${added}, as many tokens are put around the text, got ${maxLength}`,
    );
  }
  const lengths = parts.map(({ ids }) => ids.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total <= room) return [...parts];
  if (room === 0) return parts.map((one) => cutTo(one, 0, truncation));
  if (strategy === "longestFirst") {
    const limits = parts.length === 1 ? [room] : sharedRoom(lengths, room);
    return parts.map((one, i) => cutTo(one, limits[i], truncation));
  }
  const target = strategy === "onlyFirst" ? 0 : 1;
  const left = (lengths[target] ?? 0) - (total - room);
  if (left <= 0) {
    throw new RangeError(
      target >= parts.length
        ? 'Tokenizer.encode: expected a pair to truncate, as truncation.strategy is "onlySecond", got only one text'
        : `Tokenizer.encode: expected a ${target === 0 ? "text" : "pair"} of more than ${total - room} tokens, as that ` +
            `many are to be cut, got ${lengths[target]}; raise truncation.maxLength or truncate the longest first`,
    );
  }
  return parts.map((one, i) => (i === target ? cutTo(one, left, truncation) : one));
}

/** How long each of two may be: the shorter keeps its length if that leaves the other as much, else both get half. */
function sharedRoom([first, second]: readonly number[], room: number): [number, number] {
  let shorter = Math.min(first, second);
  let longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = Math.floor(room / 2);
    longer = shorter + (room % 2);
  }
  return first > second ? [longer, shorter] : [shorter, longer];
}

/** An encoding of at most so many tokens, and what is left over in parts of that length. */
function cutTo(columns: Columns, limit: number, { stride, direction }: Required<Truncation>): Columns {
  const { length } = columns.ids;
  if (limit >= length) return columns;
  if (limit === 0) return { ...noColumns, overflowing: [columns] };
  if (stride >= limit) {
    throw new RangeError(
      `Tokenizer.encode: expected truncation.stride below ${limit}, the tokens of the text that fit, got ${stride}`,
    );
  }
  const step = limit - stride;
  if (Math.ceil(length / step) * limit > MAX_OVERFLOW) {
    throw new RangeError(
      `Tokenizer.encode: expected at most ${MAX_OVERFLOW} overflowing tokens; lower truncation.stride`,
    );
  }
  const parts: Columns[] = [];
  if (direction === "right") {
    for (let start = 0, end = 0; end < length; start += step) {
      end = Math.min(start + limit, length);
      parts.push(part(columns, start, end));
    }
  } else {
    for (let end = length, start = length; start > 0; end -= step) {
      start = Math.max(0, end - limit);
      parts.push(part(columns, start, end));
    }
  }
  const [first, ...overflowing] = parts;
  return { ...first, overflowing };
}
