/**
 * A text whose every line is a document of its own, such as a list of names: its documents, their split into three parts, and
 * their tokens. Windows over such a text as a whole would teach which name follows which; documents are shuffled instead, and
 * each begins and ends at the boundary.
 *
 * The boundary is the token of the line end: it stands behind every document as the token to predict there, and in front of
 * it as what a model sees before anything has been said. It is the "." of the makemore lectures.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import { pythonShuffle } from "./pythonShuffle.ts";
import { tokenArray, type TokenArray } from "./tokenArray.ts";

/**
 * The lines of a text without their ends (`\n` or `\r\n`), empty ones left out.
 *
 * @example
 * ```ts
 * documentsOf("emma\nolivia\n\nava\n"); // => ["emma", "olivia", "ava"]
 * ```
 */
export function documentsOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/** Options of {@link splitDocuments}. */
export interface SplitDocumentsOptions {
  /** Decides the order, as Python's `random.seed`. @defaultValue 42 */
  readonly seed?: number;
  /** Share of the documents to validate with. @defaultValue 0.1 */
  readonly validationFraction?: number;
  /** Share of the documents that is kept for the end. @defaultValue 0.1 */
  readonly testFraction?: number;
}

/** The three parts of {@link splitDocuments}. */
export interface DocumentSplit {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

/**
 * Shuffles documents as Python does and cuts them in three: of n, the first `floor((1 - validationFraction - testFraction) n)`
 * train, those up to `floor((1 - testFraction) n)` validate, the rest test. With the defaults this is the split of the makemore
 * lectures.
 *
 * @throws RangeError where a share is not from 0 to below 1 or nothing is left to train on, or the training or validation part is
 * empty though it has a share
 */
export function splitDocuments(documents: readonly string[], options: SplitDocumentsOptions = {}): DocumentSplit {
  const { seed = 42, validationFraction = 0.1, testFraction = 0.1 } = options;
  for (const [name, share] of Object.entries({ validationFraction, testFraction })) {
    if (!(share >= 0 && share < 1)) {
      throw new RangeError(`splitDocuments: expected ${name} from 0 to below 1, got ${String(share)}`);
    }
  }
  if (validationFraction + testFraction >= 1) {
    throw new RangeError(
      `splitDocuments: expected validationFraction and testFraction that leave something to train on, got ` +
        `${validationFraction} and ${testFraction}`,
    );
  }
  const n = documents.length;
  const firstTest = share(1 - testFraction, n);
  const firstValidation = share(1 - testFraction - validationFraction, n);
  const shuffled = pythonShuffle([...documents], seed);
  const train = shuffled.slice(0, firstValidation);
  const validation = shuffled.slice(firstValidation, firstTest);
  if (train.length === 0 || (validationFraction > 0 && validation.length === 0)) {
    throw new RangeError(
      `splitDocuments: expected documents for a training and a validation part, got ${n}, which leaves ${train.length} and ` +
        `${validation.length}: use more documents or other shares`,
    );
  }
  return { train, validation, test: shuffled.slice(firstTest) };
}

/** `floor(fraction * n)`, where a fraction such as 1 - 0.1 - 0.1 is meant as a person would write it. */
function share(fraction: number, n: number): number {
  return Math.floor(Number(fraction.toPrecision(12)) * n);
}

/**
 * The id of the token that stands between documents: that of the line end.
 *
 * @throws RangeError where the tokenizer does not make one token of it
 */
export function boundaryToken(tokenizer: Pick<Tokenizer, "encode">): number {
  const ids = tokenizer.encode("\n");
  if (ids.length === 1) return ids[0]!;
  throw new RangeError(
    `boundaryToken: expected a tokenizer that makes one token of a line end, the boundary of documents, got one that makes ${ids.length}`,
  );
}

/**
 * Encodes documents, each by itself, and the boundary behind each: all of their tokens in one array, in which every token is one
 * that a model is asked to predict.
 *
 * @returns for `["ab", "c"]`: a, b, boundary, c, boundary
 * @throws RangeError where a document holds the boundary, or the tokenizer has no such token
 */
export function encodeDocuments(
  documents: readonly string[],
  tokenizer: Pick<Tokenizer, "encode" | "vocabSize">,
): TokenArray {
  const boundary = boundaryToken(tokenizer);
  const parts = documents.map((document) => tokenizer.encode(document));
  const length = parts.reduce((sum, part) => sum + part.length + 1, 0);
  const ids = new Uint32Array(length);
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (part.includes(boundary)) {
      throw new RangeError(
        `encodeDocuments: expected documents of one line, got ${JSON.stringify(documents[index])} with a line end in it`,
      );
    }
    ids.set(part, at);
    at += part.length;
    ids[at++] = boundary;
  }
  return tokenArray(ids, tokenizer.vocabSize);
}
