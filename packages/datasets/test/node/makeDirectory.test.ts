import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDirectory } from "@llm-learning/datasets/node";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "make-directory-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("makes a folder and the missing ones above it, and is content if it exists", async () => {
  const path = join(folder, "a", "b", "c");
  await makeDirectory(path);
  await makeDirectory(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test("fails where a file is in the way", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(makeDirectory(join(folder, "file", "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(makeDirectory(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
});

test.skipIf(!existsSync("/proc/self"))("fails, and does not try forever, where no folder can be made", async () => {
  await expect(makeDirectory("/proc/none/below")).rejects.toMatchObject({ code: "ENOENT" });
});
