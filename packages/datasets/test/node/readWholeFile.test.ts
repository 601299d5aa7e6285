import { readWholeFile } from "@llm-learning/datasets/node";
import { spawnSync } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

test("a file is read whole", async () => {
  const path = join(await temporaryFolder(), "a.bin");
  await writeFile(path, Uint8Array.of(1, 2, 3));
  expect(await readWholeFile(path)).toEqual(Uint8Array.of(1, 2, 3));
  await truncate(path, 0);
  expect(await readWholeFile(path)).toEqual(new Uint8Array());
});

test("what is missing or no file is an error", async () => {
  const folder = await temporaryFolder();
  await expect(readWholeFile(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  const message = /^readWholeFile: expected a file, got ".+", which is none$/;
  await expect(readWholeFile(folder)).rejects.toThrow(message);
  // A pipe is not waited for.
  expect(spawnSync("mkfifo", [join(folder, "pipe")]).status).toBe(0);
  await expect(readWholeFile(join(folder, "pipe"))).rejects.toThrow(message);
});
