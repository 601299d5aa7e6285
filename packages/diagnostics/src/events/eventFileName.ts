/**
 * The name by which TensorBoard finds an event file.
 */

/**
 * `events.out.tfevents.SECONDS.HOST.PROCESS`: any name with `tfevents` in it is found; those of one run are read in the
 * order of their names.
 *
 * @param wallTime - Seconds since 1970, as in the file's header.
 * @throws RangeError if `wallTime` is not finite.
 *
 * @example
 * ```ts
 * eventFileName(1700000000.5, "my-laptop", 42); // => "events.out.tfevents.1700000000.my-laptop.42"
 * ```
 */
export function eventFileName(wallTime: number, host: string, processId: number): string {
  if (!Number.isFinite(wallTime)) {
    throw new RangeError(`eventFileName: expected a time in seconds since 1970, got ${wallTime}`);
  }
  const seconds = String(Math.floor(wallTime)).padStart(10, "0");
  // A host may be called anything; the name of a file may not.
  return `events.out.tfevents.${seconds}.${host.replace(/[^\w.-]/g, "_")}.${processId}`;
}
