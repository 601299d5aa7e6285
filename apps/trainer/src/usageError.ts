/**
 * The error for bad usage and bad input: a wrong flag, an unreadable file, a damaged run. The command line prints it as one
 * line and exits with status 2; every other error is a fault of the program and exits with 1.
 *
 * Its message carries no function name: the command puts its own in front (`train: expected ...`).
 */

/** Bad usage or bad input, explained in one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Does something with data that a user gave: a RangeError or TypeError in there is about that data and becomes a UsageError.
 *
 * @param action - May be async. Keep it small: an error of that kind from our own mistakes would be taken for the user's.
 * @throws UsageError with the library's message, without its function name.
 */
export async function withUserInput<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw toUsageError(error);
  }
}

/** As {@link withUserInput}, for what is not async. */
export function withUserInputSync<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw toUsageError(error);
  }
}

/** Reads something out of a file that a user named: errors say which file, in one line that is not long. */
export async function inFile<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await withUserInput(action);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${inLine(error.message)} (in ${JSON.stringify(path)})`, { cause: error });
  }
}

/** What a file says may be quoted in an error, however long it is. */
const MAX_MESSAGE = 500;

function inLine(message: string): string {
  const line = message.replace(/\s*[\r\n]+\s*/g, " ");
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE)}…`;
}

function toUsageError(error: unknown): unknown {
  if (!(error instanceof RangeError || error instanceof TypeError)) return error;
  return new UsageError(error.message.replace(/^[\w.]+: /, ""), { cause: error });
}
