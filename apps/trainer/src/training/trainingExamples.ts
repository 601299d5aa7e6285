/**
 * What a run learns from and is evaluated on, as examples: of a text or of lines, for a model that predicts every token or the
 * last one alone.
 */

import {
  DocumentContexts,
  DocumentRows,
  type ExampleSet,
  JoinedExamples,
  TextContexts,
  TextWindows,
  type TokenSequence,
} from "@llm-learning/datasets";
import type { LanguageModel } from "@llm-learning/models";
import type { TrainConfig } from "../config/trainConfig.ts";
import { MixedExamples } from "./mixedExamples.ts";
import type { OpenParts, OpenSource } from "./tokenParts.ts";

/** What decides the form of an example. */
export interface ExampleForm {
  /** Tokens between the beginnings of two windows of a text, for a model that predicts every token. @defaultValue 1 */
  readonly stride?: number;
  readonly predicts: LanguageModel["predicts"];
  readonly blockSize: number;
  readonly boundary: number | undefined;
}

/**
 * The examples of some tokens: of an array, or of files, of which those too short for one have none.
 *
 * @throws RangeError where there are none, or a line is longer than blockSize.
 */
export function examplesOf(sequences: readonly TokenSequence[], form: ExampleForm): ExampleSet {
  const long = sequences.filter(({ length }) => length > form.blockSize);
  const sets = (long.length > 0 && sequences.length > 1 ? long : sequences.slice(0, 1)).map((tokens) =>
    examplesIn(tokens, form),
  );
  return sets.length === 1 ? sets[0] : new JoinedExamples(sets);
}

function examplesIn(tokens: TokenSequence, { predicts, blockSize, boundary, stride = 1 }: ExampleForm): ExampleSet {
  if (boundary === undefined) {
    return predicts === "every" ? new TextWindows(tokens, blockSize, { stride }) : new TextContexts(tokens, blockSize);
  }
  const options = { boundary, blockSize };
  const lines = tokens.subarray();
  return predicts === "every" ? new DocumentRows(lines, options) : new DocumentContexts(lines, options);
}

/**
 * The examples of the training and of the validation part. Windows of an order that takes each of them once do not overlap.
 *
 * @throws RangeError as {@link examplesOf}.
 */
export function trainingExamples(
  { sources, boundary }: OpenParts,
  { order, ...form }: Omit<ExampleForm, "boundary" | "stride"> & Pick<TrainConfig, "order">,
): { train: ExampleSet; validation: ExampleSet } {
  const stride = order === "shuffled" ? form.blockSize : 1;
  return {
    train: mixed(sources, ({ train }) => examplesOf(train, { ...form, boundary, stride })),
    validation: mixed(sources, ({ validation }) => examplesOf(validation, { ...form, boundary })),
  };
}

function mixed(sources: readonly OpenSource[], setOf: (source: OpenSource) => ExampleSet): ExampleSet {
  if (sources.length === 1) return setOf(sources[0]);
  return new MixedExamples(
    sources.map(setOf),
    sources.map(({ weight }) => weight),
  );
}

/** Shapes of a batch of `rows` examples. */
export function batchShapes(
  rows: number,
  { predicts, blockSize }: Omit<ExampleForm, "boundary">,
): { inputs: readonly number[]; targets: readonly number[] } {
  return { inputs: [rows, blockSize], targets: predicts === "every" ? [rows, blockSize] : [rows] };
}
