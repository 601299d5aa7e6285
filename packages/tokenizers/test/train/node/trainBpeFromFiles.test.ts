import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { trainBpe, type BpeTrainingProgress } from "@llm-learning/tokenizers/train";
import { type BpeFileTrainingOptions, trainBpeFromFiles } from "@llm-learning/tokenizers/train/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rangesOf } from "../../../src/train/node/fileRanges.ts";
import { integers, nastyText } from "../../tiktoken/nastyText.ts";
import { buildTrainer } from "./builtTrainer.ts";

const folder = mkdtempSync(join(tmpdir(), "llm-learning-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const pick = integers(4);
const words = Array.from({ length: 3000 }, () => nastyText(pick).replaceAll(/\p{Surrogate}/gu, ""));
const text = Array.from({ length: 16_000 }, () => words[Math.floor(3000 ** (pick(1000) / 1000)) - 1]).join(" ");
const path = file("text.txt", text);

const options = { vocabSize: 1200, pattern: "o200k_base", specialTokens: ["<|endoftext|>"] } as const;

describe("files", () => {
  test("give the tokenizer that their texts give", async () => {
    const other = file("other.txt", "another text, shorter\n".repeat(100));
    const expected = JSON.stringify(await trainBpe([text, "another text, shorter\n".repeat(100)], options));
    expect(JSON.stringify(await trainBpeFromFiles([path, other], options))).toBe(expected);
    expect(JSON.stringify(await trainBpeFromFiles([other, path], { ...options, threads: 1 }))).toBe(expected);
  });

  test("are a document a line where the caller says so", async () => {
    const lines = text.split(/(?<=\n)/);
    const lineOptions = { ...options, pattern: "r50k_base", documents: "line" } as const;
    expect(JSON.stringify(await trainBpeFromFiles([path], lineOptions))).toBe(
      JSON.stringify(await trainBpe(lines, lineOptions)),
    );
  });

  test("that are empty or none leave the bytes", async () => {
    expect((await trainBpeFromFiles([file("empty.txt", "")], options)).vocabSize).toBe(257);
    expect((await trainBpeFromFiles([], options)).vocabSize).toBe(257);
  });

  test("with bytes that are no UTF-8 are read as TextDecoder reads them", async () => {
    const bytes = Buffer.concat([
      Buffer.from("caf\u00e9 "),
      Buffer.from([0xe9, 0x20, 0xe4, 0xb8, 0x61, 0xff]),
      Buffer.from("\ufeffx"),
    ]);
    const expected = JSON.stringify(await trainBpe([new TextDecoder().decode(bytes)], options));
    expect(JSON.stringify(await trainBpeFromFiles([file("latin1.txt", bytes)], options))).toBe(expected);
  });

  test("report the bytes that are counted", async () => {
    const seen: BpeTrainingProgress[] = [];
    await trainBpeFromFiles([path, path], {
      ...options,
      threads: 1,
      onProgress: (progress) => void seen.push(progress),
    });
    const total = 2 * Buffer.byteLength(text);
    const counted = seen.filter(({ phase }) => phase === "count");
    expect(counted.length).toBeGreaterThan(1);
    expect(counted.every((progress) => progress.total === total)).toBe(true);
    expect(counted.at(-1)?.done).toBe(total);
    expect(seen.at(-1)?.phase).toBe("merge");
  });
});

describe("ranges of a file", () => {
  test.each(["file", "line"] as const)("follow one another without gaps, for documents that are a %s", (documents) => {
    const size = Buffer.byteLength(text);
    for (const wanted of [1, 100, 12_345, 1e9]) {
      const ranges = rangesOf(path, Math.min(size, 300 * wanted), wanted, documents);
      expect(ranges[0]?.start).toBe(0);
      expect(ranges.at(-1)?.end).toBe(Math.min(size, 300 * wanted));
      for (const [index, range] of ranges.entries()) {
        expect(range.end).toBeGreaterThan(range.start);
        expect(range.start).toBe(ranges[index - 1]?.end ?? 0);
      }
    }
  });

  test("are one where there is no place to cut", () => {
    expect(rangesOf(file("a.txt", "a".repeat(3e5)), 3e5, 1000, "file")).toHaveLength(1);
    expect(rangesOf(file("one.txt", "a b ".repeat(3e4)), 12e4, 1000, "line")).toHaveLength(1);
  });

  test("are not cut by bytes that are no UTF-8", () => {
    const bytes = Buffer.alloc(2e5, Buffer.from([0xc3, 0x28, 0xff, 0xe4, 0xb8]));
    expect(rangesOf(file("broken.txt", bytes), bytes.length, 1000, "file")).toHaveLength(1);
  });
});

describe("worker threads", () => {
  const script = `
    import { trainBpeFromFiles } from "./node.js";
    const [path, threads, mode] = process.argv.slice(2);
    const options = { ...${JSON.stringify(options)}, threads: Number(threads) };
    if (mode === "abort") {
      const signal = AbortSignal.timeout(30);
      await trainBpeFromFiles([path], { ...options, signal }).catch((error) => console.log(error.name));
    } else if (mode === "throw") {
      const onProgress = () => { throw new Error("no more"); };
      await trainBpeFromFiles([path], { ...options, onProgress }).catch((error) => console.log(error.message));
    } else {
      let done = 0;
      const onProgress = (progress) => { if (progress.phase === "count") done = progress.done; };
      const tokenizer = await trainBpeFromFiles([path], { ...options, onProgress });
      console.log(JSON.stringify({ done, tokenizer }));
    }`;
  // Enough for two workers.
  const large = file("large.txt", text + "\nplain words, to be counted by three threads; ".repeat(4e5));
  let built = "";
  const run = (...args: string[]) => execFileSync(process.execPath, [built, large, ...args], { encoding: "utf8" });

  beforeAll(async () => {
    built = await buildTrainer(script);
  });
  afterAll(() => rmSync(dirname(built), { recursive: true }));

  test("count what one thread counts", async () => {
    const { done, tokenizer } = JSON.parse(run("3"));
    expect(done).toBe(statSync(large).size);
    const expected = await trainBpeFromFiles([large], { ...options, threads: 1 });
    expect(tokenizer).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  test("end with an abort, and with an error of onProgress", () => {
    expect(run("3", "abort")).toBe("TimeoutError\n");
    expect(run("3", "throw")).toBe("no more\n");
  });
});

describe("refusals", () => {
  test.each<[string, unknown, object, string]>([
    ["a file that is not there", [join(folder, "none")], {}, "ENOENT: no such file or directory"],
    ["a folder", [folder], {}, `expected ${folder} to be a file, got something else`],
    ["a path that is none", [7], {}, "trainBpeFromFiles: expected an array of paths, got an array of 1"],
    ["one path", path, {}, "trainBpeFromFiles: expected an array of paths, got"],
    ["no threads", [path], { threads: 0 }, "trainBpeFromFiles: expected threads to be an integer from 1 to 256, got 0"],
    [
      "documents that are words",
      [path],
      { documents: "word" },
      'expected documents to be "file" or "line", got "word"',
    ],
    ["a wrong vocabSize", [path], { vocabSize: 1 }, "trainBpeFromFiles: expected vocabSize to be an integer from 256"],
    ["a signal that is none", [path], { signal: {} }, "trainBpeFromFiles: expected signal to be an AbortSignal"],
  ])("%s", async (_, paths, options, message) => {
    const all = { vocabSize: 300, ...options } as BpeFileTrainingOptions;
    await expect(trainBpeFromFiles(paths as string[], all)).rejects.toThrow(message);
  });
});
