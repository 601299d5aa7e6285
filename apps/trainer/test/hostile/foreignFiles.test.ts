import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importModel, openRun, train, UsageError } from "@llm-learning/trainer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

const llama = fileURLToPath(new URL("../import/fixtures/llama", import.meta.url));

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

/** `{"a":{"a":...0...}}` */
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}0${"}".repeat(depth)}`;

async function refusal(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message;
}

it("JSON that nests deeper than any reader's stack is refused, in a model and in a run", async () => {
  const directory = tiny.path("deep");
  cpSync(llama, directory, { recursive: true });
  const config = JSON.parse(readFileSync(join(llama, "config.json"), "utf8")) as object;
  writeFileSync(
    join(directory, "config.json"),
    JSON.stringify({ ...config, deep: 0 }).replace('"deep":0', `"deep":${nested(50_000)}`),
  );
  const imported = importModel({ directory, config: { data: tiny.data }, out: tiny.path("out") });
  expect(await refusal(imported)).toMatch(/^expected JSON of at most 64 levels, got more \(in ".*config.json"\)$/);

  const root = tiny.path("run");
  await train({ config: { ...tinyConfig(tiny.data), maxSteps: 1, sampleCount: 0 }, out: root });
  writeFileSync(join(root, "tokenizer.json"), nested(50_000));
  expect(await refusal(openRun(root))).toMatch(
    /^expected JSON of at most 64 levels, got more \(in ".*tokenizer.json"\)$/,
  );
});

it("what a file says stands in messages cut short", async () => {
  const directory = tiny.path("long");
  cpSync(llama, directory, { recursive: true });
  const config = JSON.parse(readFileSync(join(llama, "config.json"), "utf8")) as object;
  writeFileSync(join(directory, "config.json"), JSON.stringify({ ...config, hidden_act: "x".repeat(100_000) }));
  const message = await refusal(importModel({ directory, config: { data: tiny.data }, out: tiny.path("out") }));
  expect(message).toMatch(/^expected a llama with hidden_act "silu", got "x{400,500}… \(in ".*config.json"\)$/);
});
