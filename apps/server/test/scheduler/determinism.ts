/**
 * The promise of the server, as a test for any number of tasks: what a task is answered does not depend on who else asks.
 */

import { type Engine, type GenerationEvent, type GenerationTask, openEngine } from "@llm-learning/server";
import { expect } from "vitest";
import { mixedTasks } from "./mixedTasks.ts";
import { endId, type ModelFiles, sizes, tokenizer } from "./modelFiles.ts";

/** Everything that a task is answered. */
export async function eventsOf(engine: Engine, task: GenerationTask, signal?: AbortSignal): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of engine.generate(task, signal)) events.push(event);
  return events;
}

/** Asks one by one, all at once, and all at once again beside others that are cancelled on the way. */
export async function expectSameAnswers(files: ModelFiles, count: number): Promise<void> {
  const tasks = mixedTasks(count, { tokenizer, blockSize: sizes.blockSize, stopIds: [endId] });
  const expected: GenerationEvent[][] = [];
  const alone = await openEngine({ ...files, threads: 1, slots: 1, prefixBytes: 0 });
  try {
    for (const task of tasks) expected.push(answer(await eventsOf(alone, task)));
  } finally {
    await alone.close();
  }
  // Neither were they all alike.
  expect(new Set(expected.map((events) => JSON.stringify(events))).size).toBeGreaterThan(count / 2);

  const engine = await openEngine({ ...files, threads: 1, slots: 8, prefillTokens: 16, maxQueue: 2 * count });
  try {
    const together = await Promise.all(tasks.map((task) => eventsOf(engine, task)));
    expect(together.map(answer)).toEqual(expected);

    const beside = await Promise.all(
      tasks.map(async (task, index) => {
        void cancelledAfter(engine, { ...task, seed: index + 1000 }, index % 7);
        return eventsOf(engine, task);
      }),
    );
    expect(beside.map(answer)).toEqual(expected);
    expect(engine.stats().prefixHits).toBeGreaterThan(0);
  } finally {
    await engine.close();
  }
}

/** Reads so many events, and leaves. */
async function cancelledAfter(engine: Engine, task: GenerationTask, count: number): Promise<void> {
  const events = engine.generate({ ...task, maxTokens: sizes.blockSize - task.prompt.length })[Symbol.asyncIterator]();
  for (let read = 0; read < count; read++) await events.next();
  await events.return?.();
}

/** How long a prompt waited, and what it was spared, is no part of the answer. */
function answer(events: readonly GenerationEvent[]): GenerationEvent[] {
  return events.map((event) => (event.type === "prompt" ? { ...event, cachedTokens: 0, queuedSeconds: 0 } : event));
}
