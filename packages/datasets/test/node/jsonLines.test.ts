import { readJsonLines, type ReadJsonLinesOptions } from "@llm-learning/datasets/node";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

let path: string;
beforeEach(async () => {
  path = join(await temporaryFolder(), "x.jsonl");
});

async function texts(options?: ReadJsonLinesOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of readJsonLines(path, options)) found.push(text);
  return found;
}

describe("documents", () => {
  test("are the texts of a field, whatever else the lines hold, and however they end", async () => {
    await writeFile(path, '\ufeff{"text":"a\\nb","id":1}\r\n\n  \n{"meta":{"text":"no"},"text":"añ漢🙂"}\n{"text":""}');
    expect(await texts()).toEqual(["a\nb", "añ漢🙂", ""]);
    await writeFile(path, '{"content":"x"}\n');
    expect(await texts({ field: "content" })).toEqual(["x"]);
    await writeFile(path, "");
    expect(await texts()).toEqual([]);
  });

  test("are read across the parts in which a file comes, and tell how much of it has been read", async () => {
    const lines = Array.from({ length: 40 }, (_, i) => JSON.stringify({ text: `漢${"é".repeat(20_000)}${i}` }));
    const content = Buffer.from(`${lines.join("\n")}\n`);
    await writeFile(path, content);
    const read: number[] = [];
    const found: string[] = [];
    for await (const { text, bytesRead } of readJsonLines(path)) {
      found.push(text);
      read.push(bytesRead);
    }
    expect(found).toEqual(lines.map((line) => (JSON.parse(line) as { text: string }).text));
    expect(read[39]).toBe(content.length);
  });
});

describe("refused, with file and line", () => {
  async function refusal(options?: ReadJsonLinesOptions): Promise<string> {
    const error: unknown = await texts(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    return (error as Error).message.replace(JSON.stringify(path), '"x.jsonl"');
  }
  const expected =
    'readJsonLines: expected a JSON object with a text in "text" on every line, got line 3 of "x.jsonl", ';

  test.each([
    ['{"text": "a"', /^which is no JSON \(.+\)$/],
    ["[1]", "which is no object"],
    ["null", "which is no object"],
    ["{}", "which has no fields"],
    ['{"id":1,"body":"x"}', "which has id, body"],
    ['{"text":null}', "which has null there"],
    ['{"text":["a"]}', "which has a list there"],
    ['{"text":7}', "which has a number there"],
    ['{"__proto__":{"text":"a"}}', "which has __proto__"],
  ])("%s", async (line, reason) => {
    await writeFile(path, `{"text":"a"}\n\n${line}\n{"text":"b"}\n`);
    const message = await refusal();
    expect(message.slice(0, expected.length)).toBe(expected);
    expect(message.slice(expected.length)).toMatch(reason instanceof RegExp ? reason : new RegExp(`^${reason}$`));
  });

  test("bytes that are no UTF-8, lines that are too long, files that are not there", async () => {
    await writeFile(
      path,
      Buffer.concat([Buffer.from('{"text":"a"}\n\n{"text":"'), Buffer.of(0xff), Buffer.from('"}\n')]),
    );
    expect(await refusal()).toBe(`${expected}with byte 0xff at offset 9, which is not UTF-8: save it as UTF-8`);
    await writeFile(path, `{"text":"a"}\n\n{"text":"${"b".repeat(600_000)}"}`);
    expect(await refusal({ maxLineBytes: 1000 })).toBe(`${expected}which is longer than 1000 bytes`);
    path = join(path, "..", "none.jsonl");
    expect(await refusal()).toBe('readJsonLines: expected a JSONL file, got "x.jsonl", which does not exist');
  });
});
