/**
 * Engines whose model runs in a thread of its own, as in use: of what is built, since a worker of Node 20 reads no TypeScript.
 */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { type ModelFiles, sizes, writeModelFiles } from "./modelFiles.ts";

const program = fileURLToPath(new URL("threadedEngine.mjs", import.meta.url));

let files: ModelFiles;
beforeAll(async () => {
  files = await writeModelFiles();
});

interface Outcome {
  readonly texts: readonly string[];
  readonly embeddingSize: number;
  readonly idleMilliseconds: number;
  readonly ends: readonly string[];
  readonly stats: object;
}

/** Rejects where the program does not end well. */
async function outcomeOf({ modelFile, tokenizerFile }: ModelFiles, binding: string): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, modelFile, tokenizerFile, binding]);
  return JSON.parse(stdout) as Outcome;
}

describe("an engine in a thread", () => {
  it("gives the same texts with either binding, and ends what is running when it is closed", async () => {
    const native = await outcomeOf(files, "native");
    const node = await outcomeOf(files, "node");
    expect(native.texts).toEqual(node.texts);
    expect(native.texts[1]).toBe(native.texts[2]);
    expect(new Set(native.texts).size).toBe(5);
    for (const { embeddingSize, ends, stats } of [native, node]) {
      expect(embeddingSize).toBe(sizes.nEmbd);
      // The thread may be fast enough to be done before.
      expect(ends[0]).toMatch(/^(EngineError: closed|length)$/);
      expect(ends[1]).toBe("EngineError: closed");
      expect(stats).toMatchObject({ running: 0, waiting: 0, slots: 4, cacheUsage: 0 });
    }
    // Half a second of spinning would be 500.
    expect(native.idleMilliseconds).toBeLessThan(250);
  });

  it("says why a model cannot be opened", async () => {
    await expect(outcomeOf({ ...files, modelFile: `${files.modelFile}.none` }, "native")).rejects.toThrow(/ENOENT/);
  });
});
