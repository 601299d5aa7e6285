/**
 * What `--data` says: one text, folder or name of bundled data, or several with the weights by which they are mixed:
 *
 *     book.txt
 *     wiki/=0.7,code.txt=0.2,moby-dick=0.1
 *
 * It is a mixture where every part between commas ends in `=NUMBER`; a path may hold commas and equal signs otherwise.
 */

import { UsageError } from "../usageError.ts";

/** One of the data that are mixed. */
export interface MixedData {
  readonly data: string;
  /** Beside the weights of the others: they need not add up to 1. */
  readonly weight: number;
}

const MAX_WEIGHT = 1e12;

const PART = /(.+?)=((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:,|$)/iy;

/**
 * The parts of a mixture; of data that is none, itself.
 *
 * @throws UsageError for a weight of 0 or one that is too large to be added up, or data that is named twice.
 */
export function mixtureOf(data: string): readonly MixedData[] {
  const parts: MixedData[] = [];
  let end = 0;
  while (end < data.length) {
    PART.lastIndex = end;
    const match = PART.exec(data);
    if (match === null) return [{ data, weight: 1 }];
    parts.push({ data: match[1], weight: Number(match[2]) });
    end = PART.lastIndex;
  }
  if (parts.length === 0 || data.endsWith(",")) return [{ data, weight: 1 }];
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

/** The same data with every name changed, such as into a path that means the same everywhere. */
export function mapData(data: string, change: (name: string) => string): string {
  const parts = mixtureOf(data);
  if (parts.length === 1 && parts[0].data === data) return change(data);
  return parts.map((part) => `${change(part.data)}=${part.weight}`).join(",");
}
