/**
 * The tokens of a run, where they are: in memory, or in files that may be larger than it. As plain data they go from the thread
 * that plans to the one that trains, which opens the files.
 */

import type { TokenArray, TokenSequence } from "@llm-learning/datasets";
import { TokenFile, type TokenFileVersion, type TokenShardDType } from "@llm-learning/datasets/node";
import { withUserInputSync } from "../usageError.ts";

/** The tokens of a run: those of one text, or of several that are mixed. */
export interface TokenParts {
  readonly sources: readonly TokenSource[];
  /** The token behind every line where lines are documents, which are in memory then; undefined in a text. */
  readonly boundary: number | undefined;
}

/** The tokens of a text in parts; what is neither trained nor validated with is in none of them. */
export interface TokenSource {
  readonly train: TokenStore;
  readonly validation: TokenStore;
  /** How often its examples are drawn, beside the weights of the others; 1 of one alone. */
  readonly weight: number;
}

/** Tokens in memory, or in files. */
export type TokenStore = TokenArray | TokenFiles;

/** Token shards that stay on disk. */
export interface TokenFiles {
  readonly dtype: TokenShardDType;
  /** All ids are below it. */
  readonly vocabSize: number;
  readonly files: readonly TokenFilePlace[];
}

/** A file as it was when it was looked at. */
export interface TokenFilePlace {
  readonly path: string;
  readonly version: TokenFileVersion;
  /** Number of tokens. */
  readonly length: number;
}

/** Parts whose tokens can be read. */
export interface OpenParts {
  readonly sources: readonly OpenSource[];
  /** The training parts of all sources. */
  readonly train: readonly TokenSequence[];
  /** The validation parts of all sources. */
  readonly validation: readonly TokenSequence[];
  readonly boundary: number | undefined;
  /** Closes the files. */
  close(): void;
}

/** A text whose tokens can be read: an array for each part, or a sequence for each file of it. */
export interface OpenSource {
  readonly train: readonly TokenSequence[];
  readonly validation: readonly TokenSequence[];
  readonly weight: number;
}

/** Number of tokens. */
export function countTokens(store: TokenStore): number {
  return isInMemory(store) ? store.length : store.files.reduce((sum, { length }) => sum + length, 0);
}

/** Whether tokens are in an array. */
export function isInMemory(store: TokenStore): store is TokenArray {
  return !("files" in store);
}

/**
 * Opens what there is to be opened.
 *
 * @throws UsageError where a file is gone or not what it was, here and at every read.
 */
export function openParts({ sources, boundary }: TokenParts): OpenParts {
  const files: TokenFile[] = [];
  const close = (): void => files.forEach((file) => file.close());
  const open = (store: TokenStore): TokenSequence[] => {
    if (isInMemory(store)) return [store];
    const { dtype, vocabSize } = store;
    return store.files.map(({ path, version }) => {
      const file = withUserInputSync(() => new TokenFile(path, { dtype, vocabSize, version }));
      files.push(file);
      return ofUser(file);
    });
  };
  try {
    const opened = sources.map(({ train, validation, weight }) => ({
      train: open(train),
      validation: open(validation),
      weight,
    }));
    return {
      sources: opened,
      train: opened.flatMap(({ train }) => train),
      validation: opened.flatMap(({ validation }) => validation),
      boundary,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A file whose errors are the user's to see. */
function ofUser(file: TokenFile): TokenSequence {
  return {
    length: file.length,
    subarray: (begin, end) => withUserInputSync(() => file.subarray(begin, end)),
    prefetch: (begin, end) => file.prefetch(begin, end),
  };
}
