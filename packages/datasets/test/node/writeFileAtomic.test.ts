import { writeFileAtomic } from "@llm-learning/datasets/node";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

test("a file is created, then replaced, and nothing else is left in the folder", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "config.json");
  await writeFileAtomic(path, "한");
  expect([...(await readFile(path))]).toEqual([0xed, 0x95, 0x9c]);
  await writeFileAtomic(path, new Uint8Array([9, 1, 2, 9]).subarray(1, 3));
  expect([...(await readFile(path))]).toEqual([1, 2]);
  await writeFileAtomic(path, [Uint8Array.of(7), new Uint8Array(), Uint8Array.of(8, 9)]);
  expect([...(await readFile(path))]).toEqual([7, 8, 9]);
  await writeFileAtomic(path, "");
  expect((await readFile(path)).length).toBe(0);
  expect(await readdir(folder)).toEqual(["config.json"]);
});

test("a reader never sees a part: only a whole old or new content, also with several writers", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.bin");
  const content = (byte: number): Uint8Array => new Uint8Array(1 << 20).fill(byte);
  await writeFileAtomic(path, content(0));
  const seen: [number, number][] = [];
  const read = async (): Promise<void> => {
    const bytes = await readFile(path);
    seen.push([bytes.length, new Set(bytes).size]);
  };
  await Promise.all([1, 2, 3, 4].map((byte) => Promise.all([writeFileAtomic(path, content(byte)), read(), read()])));
  expect(seen.length).toBe(8);
  expect(seen.filter(([length, kinds]) => length !== 1 << 20 || kinds !== 1)).toEqual([]);
  expect(await readdir(folder)).toEqual(["state.bin"]);
});

test("a folder that does not exist is an error that names the file and keeps the system's", async () => {
  const path = join(await temporaryFolder(), "missing", "a.bin");
  const error = await writeFileAtomic(path, "a").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toMatch(/^writeFileAtomic: expected to write ".+a\.bin", got ENOENT: /);
  expect((error as Error).cause).toMatchObject({ code: "ENOENT" });
});

test("where the rename fails, the target is as it was and the temporary file is gone", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "taken");
  await mkdir(path);
  await writeFile(join(path, "inside"), "kept");
  await expect(writeFileAtomic(path, "a")).rejects.toThrow(/^writeFileAtomic: expected to write ".+taken", got /);
  expect(await readdir(folder)).toEqual(["taken"]);
  expect(await readFile(join(path, "inside"), "utf8")).toBe("kept");
});

test("where the writing fails, the target is as it was and the temporary file is gone", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a.txt");
  await writeFile(path, "old");
  await expect(writeFileAtomic(path, 3 as unknown as string)).rejects.toThrow(
    /^writeFileAtomic: expected to write ".+a\.txt", got The "data" argument must be/,
  );
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["a.txt"]);
});
