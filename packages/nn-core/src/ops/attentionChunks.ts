/**
 * Chunks of queries, the keys that each reaches, and what of an operand of attention concerns them.
 */

import type { OpAttributes } from "../opAttributes.ts";
import type { Tensor } from "../tensor.ts";
import type { AttentionOperand } from "./attentionOperands.ts";
import { pad, slice } from "./slice.ts";

interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Some queries, and the keys between the first and the last that one of them may attend. */
export interface Chunk {
  /** `position`: which key the first query stands beside; negative before all of them. */
  readonly queries: Range & { readonly position: number };
  /** At least one key, also where nobody is reached. */
  readonly keys: Range;
  /** Whether the last query stands beside the last key, or it does not matter. */
  readonly endTogether: boolean;
}

/** Into how many lengths the numbers of keys are rounded up. */
const LENGTHS = 4;

/**
 * The chunks of Tq queries over Tk keys, in their order; the last may be shorter.
 *
 * Under causality each chunk reaches further than the one before. Some keys that it does not reach are left in, so that chunks have few
 * different shapes: an engine that plans its memory before it runs uses a buffer again only for a value of the same shape, and a buffer
 * for each length would make as much as all pairs. A quarter more pairs are looked at than there are on and below the diagonal.
 */
export function chunksOf(
  [Tq, Tk]: readonly [number, number],
  size: number,
  { causal, window }: Pick<OpAttributes["scaledDotProductAttention"], "causal" | "window">,
): Chunk[] {
  const reach = window ?? Infinity;
  const isPositional = causal || window !== undefined;
  const chunks = Array.from({ length: Math.ceil(Tq / size) }, (_, index) => {
    const [start, end] = [index * size, Math.min((index + 1) * size, Tq)];
    const [first, last] = [Tk - Tq + start, Tk - Tq + end - 1]; // both sequences end together
    const [from, to] = [Math.max(0, first - reach + 1), Math.min(Tk, causal ? last + 1 : last + reach)];
    return { queries: { start, end, position: first }, last, to, count: Math.max(Math.min(1, Tk), to - from) };
  });
  const longest = Math.max(...chunks.map(({ count }) => count));
  const step = Math.max(1, Math.ceil(longest / LENGTHS));
  return chunks.map(({ queries, last, to, count }) => {
    const rounded = Math.min(longest, Math.ceil(count / step) * step);
    const start = Math.max(0, to - rounded);
    const keys = { start, end: start + rounded };
    return { queries, keys, endTogether: !isPositional || keys.end === last + 1 };
  });
}

/** Which axes of an operand are queries and keys; undefined where it says the same of all of them. */
export interface PairAxes {
  readonly queries?: number;
  readonly keys?: number;
}

/** The axes of queries, keys, values and the `operands` behind them. */
export function pairAxes(inputs: readonly Tensor[], operands: readonly AttentionOperand[]): PairAxes[] {
  const ofPairs = ({ rank, shape }: Tensor): PairAxes => ({
    ...(rank >= 2 && shape[rank - 2] !== 1 && { queries: rank - 2 }),
    ...(rank >= 1 && shape[rank - 1] !== 1 && { keys: rank - 1 }),
  });
  const given = operands.map((operand, index) => (operand === "sinks" ? {} : ofPairs(inputs[3 + index])));
  return [{ queries: 2 }, { keys: 2 }, { keys: 2 }, ...given];
}

/** What of `x` concerns a chunk. */
export function cut(x: Tensor, axes: PairAxes, { queries, keys }: Chunk): Tensor {
  const rows =
    axes.queries === undefined ? x : slice(x, { axis: axes.queries, start: queries.start, end: queries.end });
  return axes.keys === undefined ? rows : slice(rows, { axis: axes.keys, start: keys.start, end: keys.end });
}

/** A chunk's part of a gradient among all keys, zeros at those that the chunk does not reach. */
export function placed(part: Tensor, axes: PairAxes, { keys }: Chunk, [, Tk]: readonly [number, number]): Tensor {
  return axes.keys === undefined ? part : pad(part, { axis: axes.keys, before: keys.start, after: Tk - keys.end });
}
