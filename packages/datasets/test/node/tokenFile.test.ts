import { ExampleSampler, JoinedExamples, TextContexts, TextWindows } from "@llm-learning/datasets";
import { readTokenShard, TokenFile, type TokenFileOptions, writeTokenShard } from "@llm-learning/datasets/node";
import { execFileSync } from "node:child_process";
import { mkdir, rename, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

const fixture = (name: string): string => new URL(`../fixtures/${name}`, import.meta.url).pathname;

/** A folder with train.bin, which holds 0 to `length - 1`. */
async function shard(length: number): Promise<string> {
  const path = join(await temporaryFolder(), "train.bin");
  await writeTokenShard(
    path,
    Uint16Array.from({ length }, (_, i) => i),
  );
  return path;
}

/** Another generator for each test: places 3, 0, 5, 2, ... */
function places(): { integer(bound: number): number; state(): undefined } {
  let next = 0;
  return { integer: (bound) => [3, 0, 5, 2][next++ % 4]! % bound, state: () => undefined };
}

describe("a file of numpy's tofile", () => {
  test("has the ids of the array, at any place", async () => {
    for (const [name, dtype] of [
      ["uint16.bin", "uint16"],
      ["uint32.bin", "uint32"],
    ] as const) {
      const file = new TokenFile(fixture(name), { dtype });
      const whole = await readTokenShard(fixture(name), { dtype });
      expect(file.length).toBe(5);
      expect(file.subarray()).toEqual(whole);
      expect(file.subarray(1, 4)).toEqual(whole.slice(1, 4));
      expect(file.subarray(2, 2)).toHaveLength(0);
      file.close();
    }
  });

  // nanoGPT's get_batch, by hand: data = 0 to 9, block_size = 4, ix = randint(len(data) - block_size) = [3, 0, 5, 2], which is below 6;
  // x = data[i : i + 4], y = data[i + 1 : i + 1 + 4].
  test("gives nanoGPT's windows", async () => {
    const file = new TokenFile(await shard(10), { dtype: "uint16" });
    const windows = new TextWindows(file, 4);
    expect(windows.size).toBe(6);
    const { inputs, targets } = new ExampleSampler(windows, { batchSize: 4, rng: places() }).next();
    expect([...inputs]).toEqual([3, 4, 5, 6, 0, 1, 2, 3, 5, 6, 7, 8, 2, 3, 4, 5]);
    expect([...targets]).toEqual([4, 5, 6, 7, 1, 2, 3, 4, 6, 7, 8, 9, 3, 4, 5, 6]);
    file.close();
  });
});

test("what is said to come soon is read all the same, and a file may be closed meanwhile", async () => {
  const file = new TokenFile(await shard(100), { dtype: "uint16" });
  const contexts = new TextContexts(file, 3);
  for (let index = 0; index < contexts.size; index++) contexts.prefetch(index);
  const [inputs, targets] = [new Int32Array(3), new Int32Array(1)];
  contexts.write(96, inputs, targets, 0);
  expect([...inputs, ...targets]).toEqual([96, 97, 98, 99]);
  file.close();
  file.close();
  file.prefetch(0, 1);
  expect(() => file.subarray(0, 1)).toThrow(/^TokenFile: expected an open file, got .*train\.bin, closed$/);
});

test("examples of several files are numbered one file after the other, none of them in two", async () => {
  const files = await Promise.all([5, 3, 4].map(shard));
  const open = files.map((path) => new TokenFile(path, { dtype: "uint16" }));
  const joined = new JoinedExamples(open.map((file) => new TextWindows(file, 2)));
  expect(joined.size).toBe(3 + 1 + 2);
  const rows = Array.from({ length: joined.size }, (_, index) => {
    joined.prefetch(index);
    const [inputs, targets] = [new Int32Array(2), new Int32Array(2)];
    joined.write(index, inputs, targets, 0);
    return `${inputs.join(" ")} -> ${targets.join(" ")}`;
  });
  expect(rows).toEqual(["0 1 -> 1 2", "1 2 -> 2 3", "2 3 -> 3 4", "0 1 -> 1 2", "0 1 -> 1 2", "1 2 -> 2 3"]);
  for (const file of open) file.close();
  expect(() => new JoinedExamples([])).toThrow("JoinedExamples: expected at least one set of examples, got none");
  const [a, b] = [new Uint16Array(4), new Uint16Array(4)];
  expect(() => new JoinedExamples([new TextWindows(a, 2), new TextContexts(b, 2)])).toThrow(
    "JoinedExamples: expected examples of 2 inputs and 2 targets, as the first set's, got 2 and 1",
  );
});

describe("refused, with the reason", () => {
  function refusal(path: string, options: TokenFileOptions): string {
    try {
      new TokenFile(path, options).close();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return (error as Error).message.replace(JSON.stringify(path), '"x.bin"');
    }
    return "nothing";
  }

  test("files that do not exist, are none, are empty, end within an id, or are another than before", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "x.bin");
    const dtype = "uint16";
    expect(refusal(path, { dtype })).toBe('TokenFile: expected a token shard, got "x.bin", which does not exist');
    await writeFile(path, "");
    expect(refusal(path, { dtype })).toBe('TokenFile: expected a token shard, got "x.bin", which is empty');
    await writeFile(path, new Uint8Array(7));
    expect(refusal(path, { dtype })).toBe(
      'TokenFile: expected a multiple of 2 bytes, got "x.bin", with 7: is it of another dtype than uint16?',
    );
    expect(refusal(path, { dtype, version: { size: 8, modified: 0 } })).toBe(
      'TokenFile: expected a token shard that nobody changes, got "x.bin", which had 8 bytes and has 7 now',
    );
    expect(refusal(path, { dtype, version: { size: 7, modified: 0 } })).toBe(
      'TokenFile: expected a token shard that nobody changes, got "x.bin", which was written to meanwhile',
    );
    await mkdir(join(folder, "y.bin"));
    expect(refusal(join(folder, "y.bin"), { dtype })).toBe(
      'TokenFile: expected a token shard, got "x.bin", which is not a file',
    );
  });

  test.skipIf(process.platform === "win32")("a pipe, which is not waited for", async () => {
    const path = join(await temporaryFolder(), "x.bin");
    execFileSync("mkfifo", [path]);
    expect(refusal(path, { dtype: "uint16" })).toBe(
      'TokenFile: expected a token shard, got "x.bin", which is not a file',
    );
    await expect(readTokenShard(path, { dtype: "uint16" })).rejects.toThrow(/which is not a file$/);
  });

  test("ids that the vocabulary has not, and places that the file has not", async () => {
    const path = await shard(20);
    const file = new TokenFile(path, { dtype: "uint16", vocabSize: 15 });
    expect(file.subarray(0, 15)).toHaveLength(15);
    expect(() => file.subarray(10, 20)).toThrow(
      `TokenFile: expected ids below 15 (vocabSize), got ${JSON.stringify(path)}, with 15 at position 15: is it uint16, and of this tokenizer?`,
    );
    for (const [begin, end] of [
      [0, 21],
      [-1, 3],
      [3, 2],
      [0.5, 2],
    ] as const) {
      expect(() => file.subarray(begin, end)).toThrow(
        `TokenFile.subarray: expected places from 0 to 20, the first no higher, got ${begin} and ${end}`,
      );
    }
    file.close();
  });

  test("files that are cut off or written to while they are read, within 16 reads", async () => {
    const readOn = (file: TokenFile): void => {
      for (let i = 0; i < 16; i++) file.subarray(0, 2);
    };
    const path = await shard(100);
    const cut = new TokenFile(path, { dtype: "uint16" });
    readOn(cut);
    await truncate(path, 50);
    expect(() => cut.subarray(90, 100)).toThrow(
      `TokenFile: expected a token shard that nobody changes, got ${JSON.stringify(path)}, which had 200 bytes and has 50 now`,
    );
    cut.close();

    const other = await shard(100);
    const written = new TokenFile(other, { dtype: "uint16" });
    readOn(written);
    await utimes(other, 1, 1);
    expect(() => readOn(written)).toThrow(/which was written to meanwhile$/);
    written.close();

    // What an open file has been renamed over stays as it was.
    const replaced = await shard(100);
    const old = new TokenFile(replaced, { dtype: "uint16" });
    await writeFile(`${replaced}.new`, new Uint8Array(200));
    await rename(`${replaced}.new`, replaced);
    expect([...old.subarray(98, 100)]).toEqual([98, 99]);
    readOn(old);
    old.close();
  });
});
