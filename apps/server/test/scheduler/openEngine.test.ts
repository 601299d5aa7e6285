/**
 * Engines over a real, tiny model: answers do not depend on who else asks.
 */

import {
  type Engine,
  type GenerationEvent,
  type GenerationTask,
  openEngine,
  type OpenEngineOptions,
} from "@llm-learning/server";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { mixedTasks } from "./mixedTasks.ts";
import { endId, type ModelFiles, sizes, tokenizer, writeModelFiles } from "./modelFiles.ts";

let files: ModelFiles;
beforeAll(async () => {
  files = await writeModelFiles();
});

async function opened(options: Partial<OpenEngineOptions> = {}): Promise<Engine> {
  const engine = await openEngine({ ...files, threads: 1, slots: 8, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

async function eventsOf(engine: Engine, task: GenerationTask): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of engine.generate(task)) events.push(event);
  return events;
}

describe("an engine", () => {
  it("gives each of many tasks the same answer alone and beside all others, and whatever was asked before", async () => {
    const tasks = mixedTasks(30, { tokenizer, blockSize: sizes.blockSize, stopIds: [endId] });
    const engine = await opened({ prefillTokens: 16 });
    const alone = await opened({ slots: 1, prefixBytes: 0 });
    const expected = [];
    for (const task of tasks) expected.push(await eventsOf(alone, task));
    for (const round of [1, 2]) {
      const found = await Promise.all(tasks.map((task) => eventsOf(engine, task)));
      expect(found.map(withoutCache), `round ${round}`).toEqual(expected.map(withoutCache));
    }
    expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, cacheUsage: 0 });
    expect(engine.stats().prefixHits).toBeGreaterThan(0);
  });
});

/** What a prompt was spared is no part of the answer. */
function withoutCache(events: readonly GenerationEvent[]): GenerationEvent[] {
  return events.map((event) => (event.type === "prompt" ? { ...event, cachedTokens: 0 } : event));
}
