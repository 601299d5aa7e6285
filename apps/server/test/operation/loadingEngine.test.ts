import type { EmbeddingTask, GenerationTask } from "@llm-learning/server";
import { expect, test } from "vitest";
import { LoadingEngine } from "../../src/operation/loadingEngine.ts";
import { saying, ScriptedEngine } from "../scriptedEngine.ts";

const task: GenerationTask = {
  requestId: "1",
  client: "test",
  prompt: [1],
  maxTokens: 4,
  choice: {},
  seed: 0,
};

test("an engine whose model is not open yet says its sizes, and when to come back", async () => {
  const engine = new LoadingEngine({ blockSize: 32, vocabSize: 7, slots: 3 });
  expect([engine.blockSize, engine.vocabSize, engine.embeddingSize]).toEqual([32, 7, undefined]);
  expect(engine.stats()).toMatchObject({ running: 0, slots: 3 });
  const late = { name: "EngineError", code: "closed", message: "the model is being loaded", retryAfter: 2 };
  await expect(engine.generate(task).next()).rejects.toMatchObject(late);
  await expect(engine.embed(task as EmbeddingTask)).rejects.toMatchObject(late);
  await engine.idle();
  await engine.close();
});

test("an engine whose model is open is that of the model", async () => {
  const engine = new LoadingEngine({ blockSize: undefined, vocabSize: 7, slots: 3 });
  engine.open(new ScriptedEngine(() => saying("hi"), { blockSize: 64, vocabSize: 256, embeddingSize: 2 }));
  expect([engine.blockSize, engine.vocabSize, engine.embeddingSize]).toEqual([64, 256, 2]);
  expect(await all(engine.generate(task))).toEqual(saying("hi"));
  expect(await engine.embed({ ...task, prompt: [5, 6] })).toEqual(Float32Array.of(5, 6));
});

test("an engine is idle when the last task has ended, however it ended", async () => {
  const engine = new LoadingEngine({ blockSize: 64, vocabSize: 256, slots: 1 });
  engine.open(new ScriptedEngine(() => saying("hi")));
  const [left, read] = [engine.generate(task), engine.generate(task)];
  await Promise.all([left.next(), read.next()]);
  let isIdle = false;
  const idle = engine.idle().then(() => (isIdle = true));
  await left.return();
  await new Promise((resolve) => void setImmediate(resolve));
  expect(isIdle).toBe(false);
  let isDone = false;
  while (!isDone) isDone = (await read.next()).done === true;
  await idle;
  expect(isIdle).toBe(true);
});

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}
