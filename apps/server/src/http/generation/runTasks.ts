/**
 * Several tasks of one request at once: their events in one stream, in the order in which they come.
 */

import { setMaxListeners } from "node:events";
import type { Engine, GenerationEvent, GenerationTask } from "../../engine/engine.ts";

/** An event of the task at `index`. */
export interface IndexedEvent {
  readonly index: number;
  readonly event: GenerationEvent;
}

type Arrival =
  | { readonly index: number; readonly result: IteratorResult<GenerationEvent> }
  | { readonly index: number; readonly error: unknown };

/**
 * Runs tasks, as many at a time as the engine has slots: the others begin as those end, so that one request of many prompts neither
 * fills the queue nor is refused for its sake. An event is asked for only when the one before was taken. The first error ends all.
 *
 * @param signal - Ends all tasks.
 */
export async function* runTasks(
  engine: Engine,
  tasks: readonly GenerationTask[],
  signal: AbortSignal,
): AsyncGenerator<IndexedEvent> {
  const ending = new AbortController();
  // Every task may listen to it.
  setMaxListeners(0, ending.signal);
  const iterators = new Map<number, AsyncIterator<GenerationEvent>>();
  const arrivals: Arrival[] = [];
  let wake: (() => void) | undefined;
  const arrive = (arrival: Arrival): void => {
    arrivals.push(arrival);
    wake?.();
  };
  const ask = (index: number, iterator: AsyncIterator<GenerationEvent>): void => {
    iterator.next().then(
      (result) => arrive({ index, result }),
      (error: unknown) => arrive({ index, error }),
    );
  };
  const waiting = tasks.entries();
  const begin = (): void => {
    const next = waiting.next();
    if (next.done === true) return;
    const [index, task] = next.value;
    const iterator = engine.generate(task, ending.signal)[Symbol.asyncIterator]();
    iterators.set(index, iterator);
    ask(index, iterator);
  };
  const abort = (): void => {
    ending.abort(signal.reason);
    wake?.();
  };
  signal.addEventListener("abort", abort);
  try {
    const { slots } = engine.stats();
    for (let slot = 0; slot < Math.max(1, slots); slot++) begin();
    while (iterators.size > 0) {
      signal.throwIfAborted();
      const arrival = arrivals.shift();
      if (arrival === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const { index } = arrival;
      if ("error" in arrival) throw arrival.error;
      const iterator = iterators.get(index);
      if (iterator === undefined) continue;
      if (arrival.result.done === true) {
        iterators.delete(index);
        begin();
        continue;
      }
      yield { index, event: arrival.result.value };
      ask(index, iterator);
    }
  } finally {
    signal.removeEventListener("abort", abort);
    ending.abort();
    for (const iterator of iterators.values()) iterator.return?.()?.catch(() => undefined);
  }
}
