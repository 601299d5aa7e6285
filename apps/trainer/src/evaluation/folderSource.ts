/**
 * What is evaluated on where the data is a folder of token shards: every token that can be predicted is a target exactly once, and
 * no window reaches from one file into the next. The files are read as they are needed.
 */

import { type Batch, everyExample, sequentialBatches, TextContexts, type TokenSequence } from "@llm-learning/datasets";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { lookAtFiles, type TokenFolder } from "../data/tokenFolder.ts";
import type { Run } from "../run/openRun.ts";
import { openParts } from "../training/tokenParts.ts";
import type { EvaluationSource, SourceOptions } from "./evaluationSource.ts";

/**
 * The batches of a split of a folder, for a run's model.
 *
 * @throws RangeError where there is no such split, or no file of it is long enough; UsageError where a file is damaged.
 */
export function folderSource(
  folder: TokenFolder,
  { tokenizer }: Run,
  { model, split, most }: SourceOptions,
): EvaluationSource {
  if (split === "test") throw new RangeError("expected split val, train or all, got test: tokens have no test part");
  const { predicts } = model;
  const { blockSize } = model.config;
  const open = openParts({ sources: [{ ...lookAtFiles(folder, tokenizer), weight: 1 }], boundary: undefined });
  const parts = { train: open.train, val: open.validation, all: [...open.train, ...open.validation] }[split];
  // Of each file, so many tokens are only read.
  const skipped = predicts === "every" ? 1 : blockSize;
  const sequences = parts.filter(({ length }) => length > skipped);
  const targets = sequences.reduce((sum, { length }) => sum + length - skipped, 0);
  if (targets === 0) {
    open.close();
    throw new RangeError(`expected a file of more than ${skipped} tokens in the ${split} part, got none`);
  }
  const batchSize = Math.max(1, Math.floor(predicts === "every" ? most / blockSize : most));
  const bytes = new TargetBytes(tokenizer);
  return {
    batches: bytes.counting(batchesOf(sequences, { predicts, batchSize, blockSize })),
    batchSize,
    blockSize,
    targets,
    get bytes() {
      return bytes.total;
    },
    close: open.close,
  };
}

function* batchesOf(
  sequences: readonly TokenSequence[],
  { predicts, batchSize, blockSize }: { predicts: "every" | "last"; batchSize: number; blockSize: number },
): Generator<Batch> {
  for (const tokens of sequences) {
    yield* predicts === "every"
      ? sequentialBatches(tokens, { batchSize, blockSize })
      : everyExample(new TextContexts(tokens, blockSize), { batchSize });
  }
}

/** Counts the UTF-8 of the targets that go by; special tokens, which stand for no text, have none. */
class TargetBytes {
  readonly #tokenizer: Tokenizer;
  readonly #special: ReadonlySet<number>;
  readonly #known = new Map<number, number>();
  total = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#special = new Set(tokenizer.specialTokens.values());
  }

  *counting(batches: Iterable<Batch>): Generator<Batch> {
    for (const batch of batches) {
      for (const target of batch.targets) if (target >= 0) this.total += this.#bytesOf(target);
      yield batch;
    }
  }

  #bytesOf(id: number): number {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const bytes = this.#special.has(id) ? 0 : this.#lengthOf(id);
    this.#known.set(id, bytes);
    return bytes;
  }

  #lengthOf(id: number): number {
    try {
      return this.#tokenizer.tokenBytes(id).length;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The text of such a token depends on others; by itself it is as long, give or take a space.
      return Buffer.byteLength(this.#tokenizer.decode([id]));
    }
  }
}
