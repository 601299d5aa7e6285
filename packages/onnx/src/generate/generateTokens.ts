/**
 * The loop of every generator: scores of the next token of each row, a draw for each, rows that end and rows that go on. How the
 * scores come about is the batch's to know.
 */

import { checkSamplingOptions, sampleToken, type SamplingOptions, type UniformSource } from "./sampling.ts";

/** How much to generate, and how tokens are chosen. */
export interface GenerateOptions extends SamplingOptions {
  /** Most tokens to generate for each prompt, an integer >= 0. */
  readonly maxTokens: number;
  /**
   * Source of chance at a temperature above 0; `Rng` of `@llm-learning/init` is one. Row r draws from `rng.fork(r)`, so what a
   * row draws does not depend on its neighbours.
   */
  readonly rng?: { fork(row: number): UniformSource } | undefined;
  /** Tokens that end a row. They are not part of the result. @defaultValue none */
  readonly stopIds?: Iterable<number> | undefined;
  /** Ends the generation: the next step throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A token of one of the rows, as soon as it is known. */
export interface GeneratedToken {
  /** Index of the prompt. */
  readonly row: number;
  readonly token: number;
}

/** The contexts of rows that are being generated. */
export interface RowBatch {
  /** Logits of the token after each context, `[V]` each; valid until the next call. */
  forward(): Promise<Float32Array[]>;
  /** Goes on with the rows at the indices `kept`, each longer by one token. */
  append(kept: readonly number[], tokens: readonly number[]): void;
}

/** What is to be generated. */
export interface GenerationTask {
  readonly prompts: readonly ArrayLike<number>[];
  readonly options: GenerateOptions;
  readonly vocabSize: number;
}

interface Row {
  readonly index: number;
  readonly rng: UniformSource | undefined;
  remaining: number;
}

/**
 * Tokens as soon as they are known: row by row, step by step.
 *
 * @param caller - Named in errors.
 * @param begin - Makes the contexts of the prompts, once options and prompts were checked.
 * @throws RangeError for a prompt or an option out of range, before anything runs.
 */
export async function* generateTokens(
  caller: string,
  begin: () => RowBatch,
  { prompts, options, vocabSize }: GenerationTask,
): AsyncGenerator<GeneratedToken, void> {
  const { maxTokens, rng, signal } = options;
  checkTask(caller, { prompts, options, vocabSize });
  const stopIds = new Set(options.stopIds);
  const rows = prompts.map((_, index): Row => ({ index, rng: rng?.fork(index), remaining: maxTokens }));
  const batch = begin();
  let live = maxTokens === 0 ? [] : rows;
  while (live.length > 0) {
    signal?.throwIfAborted();
    const logits = await batch.forward();
    const tokens = live.map((row, index) => sampleToken(logits[index], options, row.rng));
    for (const [index, row] of live.entries()) {
      if (stopIds.has(tokens[index])) row.remaining = 0;
      else yield { row: row.index, token: tokens[index] };
      row.remaining--;
    }
    const kept = live.map((_, index) => index).filter((index) => live[index].remaining > 0);
    live = kept.map((index) => live[index]);
    batch.append(
      kept,
      kept.map((index) => tokens[index]),
    );
  }
}

/** The tokens of each of `count` rows. */
export async function collectTokens(count: number, stream: AsyncIterable<GeneratedToken>): Promise<number[][]> {
  const rows = Array.from({ length: count }, (): number[] => []);
  for await (const { row, token } of stream) rows[row].push(token);
  return rows;
}

function checkTask(caller: string, { prompts, options, vocabSize }: GenerationTask): void {
  const { maxTokens, temperature = 0, rng } = options;
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 0) {
    throw new RangeError(`${caller}: expected maxTokens to be an integer >= 0, got ${maxTokens}`);
  }
  checkSamplingOptions(caller, options);
  if (temperature > 0 && rng === undefined) {
    throw new TypeError(`${caller}: expected an rng at temperature ${temperature}, got none`);
  }
  prompts.forEach((prompt, row) => {
    if (prompt.length === 0) throw new RangeError(`${caller}: expected a token in prompt ${row}, got none`);
    for (let i = 0; i < prompt.length; i++) {
      const id = prompt[i];
      if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
      throw new RangeError(`${caller}: expected ids from 0 to ${vocabSize - 1}, got ${id} in prompt ${row}`);
    }
  });
}
