/**
 * Engines over a real, tiny model.
 */

import { writeFile } from "node:fs/promises";
import { type Engine, openEngine, type OpenEngineOptions } from "@llm-learning/server";
import { ByteTokenizer } from "@llm-learning/tokenizers";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { eventsOf, expectSameAnswers } from "./determinism.ts";
import { endId, type ModelFiles, sizes, tokenizer, writeModelFiles } from "./modelFiles.ts";

let files: ModelFiles;
beforeAll(async () => {
  files = await writeModelFiles();
});

async function opened(options: Partial<OpenEngineOptions> = {}): Promise<Engine> {
  const engine = await openEngine({ ...files, threads: 1, slots: 4, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

const origin = { requestId: "", client: "one" };
const task = { ...origin, prompt: [72, 101, 108], choice: { temperature: 1 }, seed: 3, stopIds: [endId] };

describe("an engine", () => {
  it("gives each of 30 tasks the same answer alone and beside all others, and whatever was asked before", async () => {
    await expectSameAnswers(files, 30);
  });

  it("holds a text to a form", async () => {
    const engine = await opened();
    const schema = {
      type: "object",
      properties: { n: { enum: [1, 22] } },
      required: ["n"],
      additionalProperties: false,
    };
    for (const stopIds of [[endId], []]) {
      const events = await eventsOf(engine, {
        ...task,
        stopIds,
        maxTokens: 60,
        constraint: { kind: "json_schema", schema },
      });
      const text = events.map((event) => (event.type === "prompt" ? "" : event.text)).join("");
      expect([1, 22]).toContain((JSON.parse(text) as { n: number }).n);
      expect(events.at(-1)).toMatchObject({ reason: "stop" });
    }
    const refused = eventsOf(engine, {
      ...task,
      maxTokens: 5,
      constraint: { kind: "json_schema", schema: { type: "nothing" } },
    });
    await expect(refused).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("nothing") });
  });

  it("embeds a text, alike alone and beside others", async () => {
    const engine = await opened();
    const embedding = await engine.embed({ ...origin, prompt: [1, 2, 3] });
    const [again] = await Promise.all([
      engine.embed({ ...origin, prompt: [1, 2, 3] }),
      engine.embed({ ...origin, prompt: [4] }),
      eventsOf(engine, { ...task, maxTokens: 20 }),
    ]);
    expect(engine.embeddingSize).toBe(sizes.nEmbd);
    expect(embedding.length).toBe(sizes.nEmbd);
    expect(again).toEqual(embedding);
  });

  it("refuses a tokenizer of more tokens than the model has, and files that are not there", async () => {
    const larger = new ByteTokenizer({ specialTokens: ["<|end|>", "<|more|>"] });
    const tokenizerFile = `${files.tokenizerFile}.larger`;
    await writeFile(tokenizerFile, JSON.stringify(larger.toJSON()));
    await expect(openEngine({ ...files, tokenizerFile })).rejects.toThrow(
      `expected a tokenizer of at most the model's ${tokenizer.vocabSize} tokens, got one of ${larger.vocabSize}`,
    );
    await expect(openEngine({ ...files, modelFile: "nowhere.onnx" })).rejects.toThrow(/ENOENT/);
  });
});
