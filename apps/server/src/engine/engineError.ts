/**
 * Why an engine did not do what it was asked.
 */

/**
 * - `queue_full`: too many tasks wait; `retryAfter` says when to come back;
 * - `deadline`: the task's deadline passed;
 * - `closed`: the server is shutting down, or the model was unloaded;
 * - `invalid`: the task cannot be done by any engine, such as a schema that is none;
 * - `unsupported`: this model cannot do it;
 * - `failed`: the runtime failed, or its thread ended.
 */
export type EngineErrorCode = "queue_full" | "deadline" | "closed" | "invalid" | "unsupported" | "failed";

/** An error with a code that callers branch on. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: EngineErrorCode;
  /** Seconds after which it may be tried again, with "queue_full" and "closed". */
  readonly retryAfter: number | undefined;

  constructor(
    code: EngineErrorCode,
    message: string,
    { retryAfter, cause }: { retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
