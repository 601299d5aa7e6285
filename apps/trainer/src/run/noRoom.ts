/**
 * A file system that is full, a quota that is used up, a file that may not grow: nobody's mistake, and nothing is lost where what is
 * there stays as it was.
 */

const codes: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What the system says, where an error or what caused it is of that kind; undefined of others. */
export function noRoomReason(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (codes.has((cause as NodeJS.ErrnoException).code)) return cause.message;
  }
  return undefined;
}
