import { expect, test } from "vitest";
import { saying, ScriptedEngine } from "./scriptedEngine.ts";

test("a scripted text arrives byte by byte, characters whole", async () => {
  const engine = new ScriptedEngine(() => saying("né"));
  const task = { requestId: "1", client: "a", prompt: [65], maxTokens: 5, choice: {}, seed: 0 };
  const texts: string[] = [];
  for await (const event of engine.generate(task)) if (event.type === "token") texts.push(event.text);
  expect(texts).toEqual(["n", "", "é"]);
  expect(engine.tasks).toEqual([task]);
});
