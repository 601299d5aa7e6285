/**
 * What `--data` says: one text, folder or name of bundled data, or several with the weights by which they are mixed:
 *
 *     book.txt
 *     wiki/=0.7,code.txt=0.2,moby-dick=0.1
 *
 * It is a mixture where every part between commas ends in `=NUMBER`; a path may hold commas and equal signs otherwise. A single path
 * that would be taken for a mixture is written as a mixture of one: `runs/v=1` as `runs/v=1=1`.
 */

import { UsageError } from "../usageError.ts";

/** One of the data that are mixed. */
export interface MixedData {
  readonly data: string;
  /** Beside the weights of the others: they need not add up to 1. */
  readonly weight: number;
}

const MAX_WEIGHT = 1e12;

const WEIGHT = String.raw`(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;

const PART = new RegExp(`(.+?)=(${WEIGHT})(?:,|$)`, "isy");

/** What ends a part before its name does. */
const END_WITHIN = new RegExp(`.(=${WEIGHT},)`, "is");

/**
 * The parts of a mixture; of data that is none, itself.
 *
 * @throws UsageError for a weight of 0 or one that is too large to be added up, or data that is named twice.
 */
export function mixtureOf(data: string): readonly MixedData[] {
  const parts = partsOf(data);
  if (parts === undefined) return [{ data, weight: 1 }];
  const idle = parts.find(({ weight }) => weight === 0);
  if (idle !== undefined) throw new UsageError(`expected weights above 0 in --data, got ${idle.data}=0: leave it out`);
  const heavy = parts.find(({ weight }) => weight > MAX_WEIGHT);
  if (heavy !== undefined) {
    throw new UsageError(`expected weights of at most ${MAX_WEIGHT} in --data, got ${heavy.data}=${heavy.weight}`);
  }
  const twice = parts.find((part, index) => parts.findIndex(({ data: other }) => other === part.data) < index);
  if (twice !== undefined) throw new UsageError(`expected each data of a mixture once, got ${twice.data} twice`);
  return parts;
}

/** What {@link mixtureOf} reads as `parts`. @throws UsageError where a path looks like several parts */
export function formatMixture(parts: readonly MixedData[]): string {
  const [{ data, weight }] = parts;
  if (parts.length === 1 && weight === 1 && partsOf(data) === undefined) return data;
  for (const part of parts) {
    const end = END_WITHIN.exec(part.data)?.[1];
    if (end === undefined) continue;
    throw new UsageError(
      `expected a path in which no part of a mixture ends, got ${JSON.stringify(part.data)}: rename what has ` +
        `${JSON.stringify(end)} in its name`,
    );
  }
  return parts.map((part) => `${part.data}=${part.weight}`).join(",");
}

/** Undefined where the data is no mixture. */
function partsOf(data: string): MixedData[] | undefined {
  const parts: MixedData[] = [];
  let end = 0;
  while (end < data.length) {
    PART.lastIndex = end;
    const match = PART.exec(data);
    if (match === null) return undefined;
    parts.push({ data: match[1], weight: Number(match[2]) });
    end = PART.lastIndex;
  }
  return parts.length === 0 || data.endsWith(",") ? undefined : parts;
}
