/**
 * The error for bad usage and bad input: a wrong flag, a damaged model directory, a port in use. The command line prints it as one line
 * and exits with status 2; every other error is a fault of the program and exits with 1.
 */

/** Bad usage or bad input, explained in one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a file says may be quoted in an error, however long it is. */
const MAX_MESSAGE = 500;

/**
 * Reads something out of a file that the operator named: a RangeError or TypeError in there is about that file, and becomes one line
 * that names it.
 *
 * @param action - Keep it small: an error of that kind from our own mistakes would be taken for the file's.
 */
export function inFile<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError || error instanceof UsageError)) throw error;
    const message = inLine(error.message.replace(/^[\w.]+: /, ""));
    throw new UsageError(`${message} (in ${JSON.stringify(path)})`, { cause: error });
  }
}

/** A message in one line that is not long. */
export function inLine(message: string): string {
  const line = message.trim().replace(/\s*[\r\n]+\s*/g, " ");
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE)}…`;
}
