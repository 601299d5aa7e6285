/**
 * What can be asked of a generation: for all rows of a batch, and for each of them.
 */

import type { UniformSource } from "./sampling.ts";
import { checkTokenIds } from "./tokenIds.ts";
import { type ChoiceOptions, checkTokenSampler, type SampledToken } from "./tokenSampler.ts";

/** How one row is continued; what is left out is as in {@link GenerateOptions}. */
export interface RowOptions extends ChoiceOptions {
  /** Most tokens to generate, an integer >= 0. */
  readonly maxTokens?: number | undefined;
  /** Tokens that end the row. They are not part of the result. */
  readonly stopIds?: Iterable<number> | undefined;
  /** The row's own source of chance at a temperature above 0, so that it draws the same in any batch. */
  readonly rng?: UniformSource | undefined;
}

/** How much to generate, and how tokens are chosen. */
export interface GenerateOptions extends ChoiceOptions {
  /** Most tokens to generate for each prompt, an integer >= 0. */
  readonly maxTokens: number;
  /**
   * Source of chance at a temperature above 0; `Rng` of `@llm-learning/init` is one. Row r draws from `rng.fork(r)`, so what a
   * row draws does not depend on its neighbours.
   */
  readonly rng?: { fork(row: number): UniformSource } | undefined;
  /** Tokens that end a row. They are not part of the result. @defaultValue none */
  readonly stopIds?: Iterable<number> | undefined;
  /** What is different for each prompt: one entry for each. @defaultValue nothing */
  readonly rows?: readonly RowOptions[] | undefined;
  /**
   * Asked about each token after it was given: true makes it the last of its row. For what only the reader knows, such as a stop
   * string in the text.
   */
  readonly isLast?: ((token: GeneratedToken) => boolean) | undefined;
  /** Ends the generation: instead of the next token, the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A token of one of the rows, as soon as it is known. */
export interface GeneratedToken extends SampledToken {
  /** Index of the prompt. */
  readonly row: number;
}

/** What is to be generated. */
export interface GenerationTask {
  readonly prompts: readonly ArrayLike<number>[];
  readonly options: GenerateOptions;
  readonly vocabSize: number;
}

/** Everything about one row. */
export interface RowTask extends RowOptions {
  readonly prompt: ArrayLike<number>;
  readonly maxTokens: number;
  readonly stopIds: ReadonlySet<number>;
}

/** The tasks of the rows. @throws RangeError or TypeError for a prompt or an option that cannot be. */
export function rowTasks(caller: string, { prompts, options, vocabSize }: GenerationTask): RowTask[] {
  const { rows, rng, isLast: _, signal: __, ...shared } = options;
  if (rows !== undefined && rows.length !== prompts.length) {
    throw new RangeError(
      `${caller}: expected rows to have an entry for each prompt (${prompts.length}), got ${rows.length}`,
    );
  }
  // Read once: an iterable may not be there a second time.
  const stopIds = new Set(shared.stopIds);
  return prompts.map((prompt, row) => {
    const own = Object.fromEntries(Object.entries(rows?.[row] ?? {}).filter(([, value]) => value !== undefined));
    const merged: RowTask = { rng: rng?.fork(row), ...shared, stopIds, ...own, prompt };
    const task = { ...merged, stopIds: new Set(merged.stopIds) };
    checkRow(rows === undefined ? caller : `${caller}: row ${row}`, task, { row, vocabSize });
    return task;
  });
}

function checkRow(caller: string, task: RowTask, { row, vocabSize }: { row: number; vocabSize: number }): void {
  const { prompt, maxTokens, stopIds } = task;
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 0) {
    throw new RangeError(`${caller}: expected maxTokens to be an integer >= 0, got ${maxTokens}`);
  }
  if (prompt.length === 0) throw new RangeError(`${caller}: expected a token in prompt ${row}, got none`);
  checkTokenIds(caller, prompt, { vocabSize, where: `prompt ${row}` });
  checkTokenIds(caller, stopIds, { vocabSize, where: "stopIds" });
  checkTokenSampler(caller, vocabSize, task);
}
