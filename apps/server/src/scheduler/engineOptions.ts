/**
 * What an engine is opened with: plain data, since it crosses to the engine's thread.
 */

import type { OpenSlotRuntimeOptions } from "@llm-learning/onnx/node";
import type { SchedulerOptions } from "./schedulerOptions.ts";

/** A model, and how it is to be run. */
export interface EngineOptions
  extends Omit<OpenSlotRuntimeOptions, "slots" | "profile" | "strictShapes">, Omit<SchedulerOptions, "now"> {
  /** Path of the model: `onnx/model.onnx` of a model directory, or one in fewer bits beside it. */
  readonly modelFile: string;
  /** Path of its `tokenizer.json`. */
  readonly tokenizerFile: string;
  /** How many texts run at a time. @defaultValue 16 */
  readonly slots?: number | undefined;
}

/** Options of {@link openEngine}. */
export interface OpenEngineOptions extends EngineOptions {
  /**
   * Milliseconds after which a thread that failed is started again, doubled at each further failure up to a minute; `false` for never.
   *
   * @defaultValue 1000
   */
  readonly restartDelay?: number | false | undefined;
  /** Told when the thread fails, or cannot be started again. @defaultValue nobody */
  readonly onFailure?: ((error: Error) => void) | undefined;
}
