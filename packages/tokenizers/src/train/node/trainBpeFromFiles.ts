/**
 * Training of byte-level BPE on files of any size.
 */

import { availableParallelism } from "node:os";
import type { BpeTokenizer } from "../../bpeTokenizer.ts";
import { describe } from "../../describe.ts";
import { type BpeTrainingOptions, planBpeTraining } from "../bpeTrainingOptions.ts";
import { learnBpe } from "../learnBpe.ts";
import { Pace } from "../pace.ts";
import { countRanges } from "./countRanges.ts";
import { type DocumentUnit, type FileRange, fileSize, rangesOf } from "./fileRanges.ts";

/** Options of {@link trainBpeFromFiles}. */
export interface BpeFileTrainingOptions extends BpeTrainingOptions {
  /**
   * Threads that count pieces, the calling one among them; the merges are made there. A worker is started for each further one, if there is
   * so much text that it pays.
   *
   * @defaultValue the number of processors, at most 8
   */
  readonly threads?: number;
  /**
   * What counts as a document, beyond which no piece reaches: a whole file, or each line with its line feed, as `train` of Hugging Face's
   * library has it.
   *
   * @defaultValue "file"
   */
  readonly documents?: DocumentUnit;
}

const CALLER = "trainBpeFromFiles";
/** Largest and smallest range of a file, in bytes. */
const [MOST, LEAST] = [1 << 24, 1 << 20];
/** A worker takes some 0.1 s to start and to warm up. */
const BYTES_OF_A_WORKER = 1 << 23;
/** Memory of the counts that a thread keeps to itself, in bytes. */
const MOST_COUNT_BYTES = 3 << 24;

/**
 * Trains a byte-level BPE tokenizer on files, as `trainBpe` does on texts. Files are read in parts by several threads; the result does
 * not depend on their number.
 *
 * @param paths - UTF-8 text files. Bytes that are no UTF-8 count as U+FFFD.
 * @throws TypeError or RangeError for a wrong option; Error for a file that cannot be read; the reason of `signal` when it is aborted.
 *
 * @example
 * ```ts
 * const tokenizer = await trainBpeFromFiles(["a.txt", "b.txt"], {
 *   vocabSize: 32_000,
 *   onProgress: ({ phase, done, total }) => console.log(phase, done, total),
 * });
 * ```
 */
export async function trainBpeFromFiles(
  paths: readonly string[],
  options: BpeFileTrainingOptions,
): Promise<BpeTokenizer> {
  const plan = planBpeTraining(CALLER, options);
  const { threads = Math.min(8, availableParallelism()), documents = "file", signal } = options;
  if (!Array.isArray(paths) || paths.some((path) => typeof path !== "string")) {
    throw new TypeError(`${CALLER}: expected an array of paths, got ${describe(paths)}`);
  }
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new RangeError(`${CALLER}: expected threads to be an integer from 1 to 256, got ${describe(threads)}`);
  }
  if (documents !== "file" && documents !== "line") {
    throw new RangeError(`${CALLER}: expected documents to be "file" or "line", got ${describe(documents)}`);
  }
  const pace = new Pace(CALLER, signal);
  const sizes = paths.map(fileSize);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const wanted = Math.max(LEAST, Math.min(MOST, Math.ceil(total / (4 * threads))));
  const ranges = paths.flatMap((path, index) => rangesOf(path, sizes[index] as number, wanted, documents));
  let done = 0;
  const onRange = ({ start, end }: FileRange, pieces: number) => {
    done += end - start;
    plan.onProgress?.({ phase: "count", done, total, pieces });
  };
  const { pattern, maxPieceBytes } = plan;
  if (typeof pattern !== "string") {
    throw new RangeError(
      "trainBpeFromFiles: expected pattern r50k_base, cl100k_base or o200k_base, where files can be cut, got one of splitPattern; trainBpe takes it",
    );
  }
  const workers = Math.min(threads - 1, Math.floor(total / BYTES_OF_A_WORKER));
  const counting = { workers, pattern, maxPieceBytes, documents, mostBytes: MOST_COUNT_BYTES, onRange };
  const counts = await countRanges(ranges, counting, pace);
  return learnBpe(counts, plan, pace);
}
