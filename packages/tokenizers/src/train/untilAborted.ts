/**
 * Asynchronous sources that may never give their next item.
 */

import type { Pace } from "./pace.ts";

/** The same items; an abort does not have to wait for the next one. */
export async function* untilAborted<T>(items: AsyncIterable<T>, pace: Pace): AsyncGenerator<T, void> {
  const iterator = items[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    for (;;) {
      const { done, value } = await pace.wait(iterator.next());
      isOpen = done !== true;
      if (done === true) return;
      yield value;
    }
  } finally {
    // Not waited for: it may hang as the items do.
    if (isOpen) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
