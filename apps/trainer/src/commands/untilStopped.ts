/**
 * Work that Ctrl-C and SIGTERM may end, for commands that have nothing to save.
 */

import { StopSignals } from "./stopSignals.ts";

/**
 * Does something until it is done or a signal comes; the process then ends with the signal's status.
 *
 * @param action - Throws once its signal is aborted.
 * @param farewell - Said in a line where a signal came. @defaultValue nothing
 * @returns undefined where a signal came.
 */
export async function untilStopped<T>(
  action: (signal: AbortSignal) => Promise<T>,
  farewell?: string,
): Promise<T | undefined> {
  const nothing = (): void => {};
  const signals = new StopSignals({ onFirst: nothing, onSecond: nothing });
  try {
    return await action(signals.signal);
  } catch (error) {
    if (signals.exitCode === undefined) throw error;
    process.exitCode = signals.exitCode;
    if (farewell !== undefined) process.stderr.write(`${farewell}\n`);
    return undefined;
  } finally {
    signals.dispose();
  }
}
