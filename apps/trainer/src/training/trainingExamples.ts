/**
 * What a run learns from and is evaluated on, as examples: of a text or of lines, for a model that predicts every token or the
 * last one alone.
 */

import {
  DocumentContexts,
  DocumentRows,
  type ExampleSet,
  TextContexts,
  TextWindows,
  type TokenArray,
} from "@llm-learning/datasets";
import type { LanguageModel } from "@llm-learning/models";

/** The tokens of a run, in three parts one after the other; what is neither trained nor validated with is the test part. */
export interface TokenParts {
  readonly tokens: TokenArray;
  readonly trainTokens: number;
  readonly validationTokens: number;
  /** The token behind every line where lines are documents; undefined in a text. */
  readonly boundary: number | undefined;
}

/** What decides the form of an example. */
export interface ExampleForm {
  readonly predicts: LanguageModel["predicts"];
  readonly blockSize: number;
  readonly boundary: number | undefined;
}

/** The examples of some tokens. @throws RangeError where there are none, or a line is longer than blockSize. */
export function examplesOf(tokens: TokenArray, { predicts, blockSize, boundary }: ExampleForm): ExampleSet {
  if (boundary === undefined) {
    return predicts === "every" ? new TextWindows(tokens, blockSize) : new TextContexts(tokens, blockSize);
  }
  const options = { boundary, blockSize };
  return predicts === "every" ? new DocumentRows(tokens, options) : new DocumentContexts(tokens, options);
}

/** The examples of the training and of the validation part. @throws RangeError as {@link examplesOf}. */
export function trainingExamples(
  { tokens, trainTokens, validationTokens, boundary }: TokenParts,
  form: Omit<ExampleForm, "boundary">,
): { train: ExampleSet; validation: ExampleSet } {
  const validationEnd = trainTokens + validationTokens;
  return {
    train: examplesOf(tokens.subarray(0, trainTokens), { ...form, boundary }),
    validation: examplesOf(tokens.subarray(trainTokens, validationEnd), { ...form, boundary }),
  };
}

/** Shapes of a batch of `rows` examples. */
export function batchShapes(
  rows: number,
  { predicts, blockSize }: Omit<ExampleForm, "boundary">,
): { inputs: readonly number[]; targets: readonly number[] } {
  return { inputs: [rows, blockSize], targets: predicts === "every" ? [rows, blockSize] : [rows] };
}
