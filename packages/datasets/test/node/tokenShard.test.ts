import { readTokenShard, type TokenShardDType, writeTokenShard } from "@llm-learning/datasets/node";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

const fixture = (name: string): string => new URL(`../fixtures/${name}`, import.meta.url).pathname;

describe("files of numpy's tofile, which nanoGPT writes", () => {
  test("are read, and written again byte for byte", async () => {
    const path = join(await temporaryFolder(), "train.bin");
    const narrow = await readTokenShard(fixture("uint16.bin"), { dtype: "uint16" });
    expect(narrow).toEqual(new Uint16Array([0, 1, 50256, 65535, 258]));
    await writeTokenShard(path, narrow);
    expect(await readFile(path)).toEqual(await readFile(fixture("uint16.bin")));

    const wide = await readTokenShard(fixture("uint32.bin"), { dtype: "uint32" });
    expect(wide).toEqual(new Uint32Array([0, 1, 100_257, 4_294_967_295, 16_909_060]));
    await writeTokenShard(path, wide);
    expect(await readFile(path)).toEqual(await readFile(fixture("uint32.bin")));
    expect(await readdir(join(path, ".."))).toEqual(["train.bin"]);
  });
});

test("a part of an array is written as the part", async () => {
  const path = join(await temporaryFolder(), "val.bin");
  await writeTokenShard(path, new Uint16Array([1, 2, 3]).subarray(1));
  expect(await readTokenShard(path, { dtype: "uint16" })).toEqual(new Uint16Array([2, 3]));
});

describe("refused, with the reason", () => {
  async function refusal(path: string, options: { dtype: TokenShardDType; vocabSize?: number }): Promise<string> {
    const error = await readTokenShard(path, options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    return (error as Error).message.replace(JSON.stringify(path), '"x.bin"');
  }

  test("files that do not exist, cannot be read, are empty or end within an id", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "x.bin");
    expect(await refusal(path, { dtype: "uint16" })).toBe(
      'readTokenShard: expected a token shard, got "x.bin", which does not exist',
    );
    await writeFile(path, "");
    expect(await refusal(path, { dtype: "uint16" })).toBe(
      'readTokenShard: expected a token shard, got "x.bin", which is empty',
    );
    await writeFile(path, new Uint8Array(6));
    expect(await refusal(path, { dtype: "uint32" })).toBe(
      'readTokenShard: expected a multiple of 4 bytes, got "x.bin", with 6: is it of the other dtype?',
    );
    await mkdir(join(folder, "y.bin"));
    expect(await refusal(join(folder, "y.bin"), { dtype: "uint16" })).toBe(
      'readTokenShard: expected a token shard, got "x.bin", which is not a file',
    );
  });

  test("ids that the vocabulary has not", async () => {
    expect(await refusal(fixture("uint16.bin"), { dtype: "uint16", vocabSize: 50257 })).toBe(
      'readTokenShard: expected ids below 50257 (vocabSize), got "x.bin", with 65535 at position 3: is it uint16?',
    );
    const all = await readTokenShard(fixture("uint16.bin"), { dtype: "uint16", vocabSize: 65536 });
    expect(all.length).toBe(5);
  });

  test("another dtype, another array, and no tokens", async () => {
    await expect(readTokenShard("x.bin", { dtype: "int16" as TokenShardDType })).rejects.toThrow(
      new RangeError('readTokenShard: expected dtype "uint16" or "uint32", got "int16"'),
    );
    await expect(writeTokenShard("x.bin", new Int32Array(1) as unknown as Uint32Array)).rejects.toThrow(
      new TypeError("writeTokenShard: expected a Uint16Array or Uint32Array, got Int32Array: make one with tokenArray"),
    );
    await expect(writeTokenShard("x.bin", new Uint16Array())).rejects.toThrow(
      new RangeError("writeTokenShard: expected at least one token, got none"),
    );
  });
});
