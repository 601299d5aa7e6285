/**
 * What a scheduler tells of its tasks: plain data, gathered for each tick, since a message between threads costs more than what is in it.
 */

import type { GenerationEvent } from "../engine/engine.ts";
import { EngineError, type EngineErrorCode } from "../engine/engineError.ts";

/** News of a task. */
export interface TaskReport {
  /** The number that the task was given. */
  readonly id: number;
  /** Those of a generation; the last of all is `end`. */
  readonly events?: readonly GenerationEvent[] | undefined;
  /** The result of an embedding. */
  readonly embedding?: Float32Array | undefined;
  /** Why the task ended without a result. */
  readonly failure?: TaskFailure | undefined;
}

/** An {@link EngineError} as plain data. */
export interface TaskFailure {
  readonly code: EngineErrorCode;
  readonly message: string;
  readonly retryAfter?: number | undefined;
}

/** Any error as plain data; what is no EngineError is a failure of the runtime. */
export function taskFailure(error: unknown): TaskFailure {
  if (error instanceof EngineError) return { code: error.code, message: error.message, retryAfter: error.retryAfter };
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}

/** The error of a failure. */
export function engineErrorOf({ code, message, retryAfter }: TaskFailure): EngineError {
  return new EngineError(code, message, retryAfter === undefined ? {} : { retryAfter });
}
