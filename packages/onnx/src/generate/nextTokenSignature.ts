/**
 * What a model file says about itself as a language model without a cache: read off its inputs, outputs and metadata.
 *
 * Only declared types are looked at; whether the graph computes anything sensible is for the runtime to say.
 */

import { described } from "../format/described.ts";
import type { OnnxModel } from "../format/model.ts";
import { DeclaredTensors, isSize } from "./declaredTensors.ts";

/** Sizes of a language model that reads a window of tokens. */
export interface NextTokenSignature {
  readonly vocabSize: number;
  /** Longest context in tokens. */
  readonly blockSize: number;
  /** Whether it reads any number of tokens up to blockSize, or exactly as many. */
  readonly anyLength: boolean;
  /** Whether it scores what follows every token of the window, or its last one alone. */
  readonly predicts: "every" | "last";
}

/** A fixed window is fed whole, whatever the text: a file that promises more than this is damaged. */
const LONGEST_WINDOW = 2 ** 20;

/**
 * Reads the signature of a model: `input_ids` int64 `[batch, T]` to `logits` float32 `[batch, rows, V]`, where rows is T or 1.
 *
 * @throws RangeError naming the input, output or metadata that is missing or of another kind.
 */
export function nextTokenSignature(model: OnnxModel): NextTokenSignature {
  const { inputs, outputs, initializers } = model.graph;
  const weights = new Set(initializers.map(({ name }) => name));
  const given = inputs.filter(({ name }) => !weights.has(name));
  const stray = given.find(({ name }) => name !== "input_ids");
  if (stray !== undefined) fail("no input but input_ids", described(stray.name));
  const [, T] = new DeclaredTensors("input", given, fail).shapeOf("input_ids", "int64", 2);
  const declared = new DeclaredTensors("output", outputs, fail);
  const [, rows] = declared.shapeOf("logits", "float32", 3);
  const vocabSize = declared.lastSizeOf("logits", "float32", 3);
  const anyLength = !isSize(T);
  const blockSize = anyLength ? Number(metadataOf(model, "block_size")) : T;
  if (!anyLength && blockSize > LONGEST_WINDOW) {
    fail(`input input_ids to have at most ${LONGEST_WINDOW} tokens`, String(blockSize));
  }
  if (!isSize(blockSize)) {
    fail("metadata block_size to be an integer >= 1", described(metadataOf(model, "block_size")));
  }
  const predicts = !anyLength && rows === 1 && blockSize > 1 ? "last" : (metadataOf(model, "predicts") ?? "every");
  if (predicts !== "every" && predicts !== "last") fail("metadata predicts to be every or last", described(predicts));
  return { vocabSize, blockSize, anyLength, predicts };
}

function metadataOf({ metadata }: OnnxModel, key: string): string | undefined {
  return Object.hasOwn(metadata, key) ? metadata[key] : undefined;
}

function fail(expected: string, got: string): never {
  throw new RangeError(
    `nextTokenSignature: expected ${expected}, got ${got}; is this a language model without a cache?`,
  );
}
