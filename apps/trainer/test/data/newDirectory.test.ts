import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inNewDirectory } from "../../src/data/newDirectory.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
let before: string;
beforeAll(() => {
  before = process.cwd();
  tiny = tinyFolder();
  mkdirSync(tiny.path("working"));
  symlinkSync("working", tiny.path("alias"));
  process.chdir(tiny.path("working"));
});
afterAll(() => {
  process.chdir(before);
  tiny.remove();
});

async function fill(folder: string): Promise<void> {
  writeFileSync(join(folder, "file"), "");
}

async function refusal(path: string): Promise<string> {
  const names = readdirSync(tiny.folder).toSorted();
  const error: unknown = await inNewDirectory(path, fill).then(
    () => "nothing",
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect(readdirSync(tiny.folder).toSorted()).toEqual(names);
  return (error as Error).message;
}

describe("a new directory", () => {
  it("takes the place of nothing, or of an empty one, to which a link stays a link", async () => {
    mkdirSync(tiny.path("empty"));
    symlinkSync("empty", tiny.path("link"));
    for (const name of ["deep/new", "link"]) {
      await inNewDirectory(tiny.path(name), fill);
      expect(readdirSync(tiny.path(name))).toEqual(["file"]);
    }
    expect(lstatSync(tiny.path("link")).isSymbolicLink()).toBe(true);
  });

  it("takes the place of nothing else", async () => {
    symlinkSync("nowhere", tiny.path("dangling"));
    expect(await refusal("../dangling")).toBe(
      'expected --out to be a new or empty directory, got "../dangling", a link that leads nowhere: delete it, or choose another',
    );
    expect(await refusal("../text.txt")).toBe(
      'expected --out to be a new or empty directory, got "../text.txt", a file',
    );
    expect(await refusal("..")).toBe(
      'expected --out to be a new or empty directory, got "..", which holds files: choose another',
    );
    expect(await refusal("")).toBe('expected --out to be a new or empty directory, got ""');
  });

  it("does not replace the one that the process works in, however it is called", async () => {
    for (const path of [".", "../alias", tiny.path("working")]) {
      expect(await refusal(path)).toBe(
        `expected --out to be a new or empty directory, got ${JSON.stringify(path)}, the working directory: choose another`,
      );
    }
    await inNewDirectory("inside", fill);
    expect(readdirSync("inside")).toEqual(["file"]);
  });
});
