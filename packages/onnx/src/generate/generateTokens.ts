/**
 * The loop of every generator: scores of the next token of each row, a draw for each, rows that end and rows that go on. How the
 * scores come about is the batch's to know.
 */

import { type GeneratedToken, type GenerationTask, rowTasks } from "./generateOptions.ts";
import { TokenSampler } from "./tokenSampler.ts";

/** The contexts of rows that are being generated. */
export interface RowBatch {
  /** Logits of the token after each context, `[V]` each; valid until the next call. */
  forward(signal?: AbortSignal): Promise<Float32Array[]>;
  /** Goes on with the rows at the indices `kept`, each longer by one token. */
  append(kept: readonly number[], tokens: readonly number[]): void;
}

interface Row {
  readonly index: number;
  readonly sampler: TokenSampler;
  readonly stopIds: ReadonlySet<number>;
  remaining: number;
}

/**
 * Tokens as soon as they are known: row by row, step by step.
 *
 * @param caller - Named in errors.
 * @param begin - Makes the contexts of those prompts that anything is wanted of, once options and prompts were checked.
 * @throws RangeError or TypeError for a prompt or an option that cannot be, before anything runs.
 */
export async function* generateTokens(
  caller: string,
  begin: (prompts: readonly ArrayLike<number>[]) => RowBatch,
  task: GenerationTask,
): AsyncGenerator<GeneratedToken, void> {
  const { isLast, signal } = task.options;
  const tasks = rowTasks(caller, task);
  let live = tasks.flatMap(({ maxTokens, stopIds, ...options }, index): Row[] => {
    if (maxTokens === 0) return [];
    return [{ index, sampler: new TokenSampler(task.vocabSize, options), stopIds, remaining: maxTokens }];
  });
  if (live.length === 0) return;
  signal?.throwIfAborted();
  const batch = begin(live.map(({ index }) => task.prompts[index]));
  while (true) {
    const logits = await batch.forward(signal);
    const sampled = live.map(({ sampler }, at) => sampler.next(logits[at]));
    for (const [at, row] of live.entries()) {
      signal?.throwIfAborted();
      row.remaining--;
      if (row.stopIds.has(sampled[at].token)) {
        row.remaining = 0;
        continue;
      }
      const token = { row: row.index, ...sampled[at] };
      yield token;
      if (isLast?.(token) === true) row.remaining = 0;
    }
    const kept = live.map((_, at) => at).filter((at) => live[at].remaining > 0);
    if (kept.length === 0) return;
    signal?.throwIfAborted();
    live = kept.map((at) => live[at]);
    const tokens = kept.map((at) => sampled[at].token);
    batch.append(kept, tokens);
  }
}

/** The tokens of each of `count` rows. */
export async function collectTokens(count: number, stream: AsyncIterable<GeneratedToken>): Promise<number[][]> {
  const rows = Array.from({ length: count }, (): number[] => []);
  for await (const { row, token } of stream) rows[row].push(token);
  return rows;
}
