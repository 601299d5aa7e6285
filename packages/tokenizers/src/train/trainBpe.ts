/**
 * Training of byte-level BPE on documents that come one at a time.
 */

import type { BpeTokenizer } from "../bpeTokenizer.ts";
import { describe } from "../describe.ts";
import { type BpeTrainingOptions, planBpeTraining } from "./bpeTrainingOptions.ts";
import { learnBpe } from "./learnBpe.ts";
import { Pace } from "./pace.ts";
import { partsOf, PieceFeed } from "./pieceFeed.ts";
import { untilAborted } from "./untilAborted.ts";

/**
 * Trains a byte-level BPE tokenizer.
 *
 * The merges are those of Hugging Face's `BpeTrainer` behind a `ByteLevel` pre-tokenizer with all 256 bytes as its initial alphabet: the
 * most frequent pair comes first, of equally frequent ones that with the smallest ids. Ids 0 to 255 are the bytes in GPT-2's order, then
 * come the merges, then the special tokens; so a `.tiktoken` file can hold them. The order of the documents does not matter.
 *
 * Text is read once and not kept: memory follows the number of distinct pieces (words, mostly), at some 50 bytes for each.
 *
 * @param documents - Texts, from anything that can be iterated. No piece reaches from one into the next. A lone surrogate counts as U+FFFD.
 * @throws TypeError or RangeError if an option or a document is not what it should be; the reason of `signal` when it is aborted; what
 * `documents` throws.
 *
 * @example
 * ```ts
 * const tokenizer = await trainBpe(documents, { vocabSize: 8192, specialTokens: ["<|endoftext|>"] });
 * await writeFile("tokenizer.json", JSON.stringify(tokenizer));
 * await writeFile("own.tiktoken", formatTiktoken(tokenizer.encoding));
 * ```
 */
export async function trainBpe(
  documents: Iterable<string> | AsyncIterable<string>,
  options: BpeTrainingOptions,
): Promise<BpeTokenizer> {
  const plan = planBpeTraining("trainBpe", options);
  const pace = new Pace("trainBpe", options.signal);
  const feed = new PieceFeed(plan.pattern, plan.maxPieceBytes);
  const report = (total?: number) =>
    plan.onProgress?.({ phase: "count", done: feed.written, total, pieces: feed.counts.size });
  for await (const document of checkedDocuments(documents, pace)) {
    if (typeof document !== "string") {
      throw new TypeError(`trainBpe: expected documents to be strings, got ${describe(document)}`);
    }
    for (const part of partsOf(document)) {
      feed.write(part);
      if (!pace.isDue) continue;
      report();
      await pace.turn();
    }
    feed.end();
  }
  report(feed.written);
  return learnBpe(feed.counts, plan, pace);
}

function checkedDocuments<T>(documents: Iterable<T> | AsyncIterable<T>, pace: Pace): Iterable<T> | AsyncIterable<T> {
  if (typeof documents === "string") {
    throw new TypeError("trainBpe: expected an iterable of documents, got a string; put it into an array: [text]");
  }
  if (typeof documents === "object" && documents !== null) {
    if (Symbol.asyncIterator in documents) return untilAborted(documents, pace);
    if (Symbol.iterator in documents) return documents;
  }
  throw new TypeError(`trainBpe: expected an iterable of documents, got ${describe(documents)}`);
}
