/**
 * Reads a `diagnostics.jsonl`, which may be large and may be anybody's: line by line, each checked, of a very large one some lines only.
 */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { StatisticsLine } from "@llm-learning/diagnostics";
import { z } from "zod";

/** Bytes that are parsed; of a larger file every second line, every third, and so on. */
const PARSED_BYTES = 1 << 28;

/** Bytes of a line: some fifty times what a large model writes. */
const MAX_LINE = 1 << 26;

const number = z.number().nullable();
const statistics = z.object({
  count: z.number(),
  mean: number,
  std: number,
  min: number,
  max: number,
  nanCount: z.number(),
  infinityCount: z.number(),
  histogram: z.object({ counts: z.array(z.number()), edges: z.array(z.number()) }).nullable(),
  quantiles: z.record(z.string(), z.number()).nullable(),
});
const record = statistics.extend({
  name: z.string().max(1000),
  kind: z.string(),
  saturated: number,
  dead: number,
  gradient: statistics.nullable(),
  gradientToData: number,
  updateToData: number,
  attention: z.object({ entropy: z.array(number), largestLogit: number }).nullable(),
});
const line = z.object({ step: z.int().min(0), records: z.array(record) });

/** The lines up to the first that is damaged; none where there is no such file. */
export async function* readStatistics(path: string): AsyncGenerator<StatisticsLine, void> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile()) return;
  const stride = Math.max(1, Math.ceil(info.size / PARSED_BYTES));
  let index = 0;
  for await (const text of linesOf(path)) {
    if (index++ % stride !== 0) continue;
    const parsed = parseLine(text);
    if (parsed === undefined) return;
    yield parsed;
  }
}

function parseLine(text: string): StatisticsLine | undefined {
  try {
    const result = line.safeParse(JSON.parse(text));
    return result.success ? (result.data as unknown as StatisticsLine) : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a file, up to one that is too long. */
async function* linesOf(path: string): AsyncGenerator<string, void> {
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const [first, ...rest] = (chunk as string).split("\n");
    parts.push(first);
    length += first.length;
    if (length > MAX_LINE) return;
    for (const next of rest) {
      yield parts.join("");
      parts = [next];
      length = next.length;
    }
  }
}
