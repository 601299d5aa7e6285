/**
 * How a scheduler shares its model.
 */

/** Options of {@link Scheduler}. */
export interface SchedulerOptions {
  /** Most tasks that wait for a slot. @defaultValue 256 */
  readonly maxQueue?: number | undefined;
  /** Tokens of prompts that are read between two steps of texts that run. @defaultValue 128 */
  readonly prefillTokens?: number | undefined;
  /** Most memory of the prefix cache, in bytes; 0 for none. @defaultValue 2^28 */
  readonly prefixBytes?: number | undefined;
  /** Milliseconds since 1970. @defaultValue Date.now */
  readonly now?: (() => number) | undefined;
}
