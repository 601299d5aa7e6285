/**
 * From a task to the answer that is to be made: everything that can be wrong with a task is found here, before it waits for a slot.
 */

import type { TokenDecoder } from "@llm-learning/onnx";
import type { GenerationTask, TextConstraint } from "../engine/engine.ts";
import { EngineError } from "../engine/engineError.ts";
import { type FinishingConstraint, GenerationRun } from "./generationRun.ts";

/** What answers are made with. */
export interface RunParts {
  readonly runtime: ModelSizes;
  /** Decodes the tokens of one text. */
  readonly decoder: (options: { readonly specialTokens: boolean }) => TokenDecoder;
  /** Makes what holds a text to its form. @throws RangeError for a form that is none. @defaultValue no forms */
  readonly constrain?: ((constraint: TextConstraint, stopIds: readonly number[]) => FinishingConstraint) | undefined;
}

/** Sizes of a model. */
export interface ModelSizes {
  readonly vocabSize: number;
  readonly blockSize: number;
}

/** @throws EngineError "invalid" for what cannot be, "unsupported" for forms where there are none. */
export function prepareRun(task: GenerationTask, { runtime, decoder, constrain }: RunParts): GenerationRun {
  const { vocabSize, blockSize } = runtime;
  const { prompt, constraint, stopIds = [], specialTokens = false } = task;
  checkPrompt(prompt, runtime);
  if (constraint !== undefined && constrain === undefined) {
    throw new EngineError("unsupported", "this engine holds texts to no form");
  }
  try {
    return new GenerationRun(task, {
      vocabSize,
      blockSize,
      decoder: decoder({ specialTokens }),
      constraint: constraint && constrain?.(constraint, stopIds),
    });
  } catch (error) {
    throw new EngineError("invalid", (error as Error).message, { cause: error });
  }
}

/** @throws EngineError "invalid" unless a prompt has from 1 to `blockSize` ids, all of them tokens. */
export function checkPrompt(prompt: readonly number[], { vocabSize, blockSize }: ModelSizes): void {
  if (prompt.length < 1 || prompt.length > blockSize) {
    throw new EngineError("invalid", `expected a prompt of 1 to ${blockSize} tokens, got ${prompt.length}`);
  }
  const stray = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (stray !== undefined) {
    throw new EngineError("invalid", `expected token ids from 0 to ${vocabSize - 1}, got ${stray}`);
  }
}
