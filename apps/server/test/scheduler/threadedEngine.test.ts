/**
 * Engines whose model runs in a thread of its own, as in use: of what is built, since a worker of Node 20 reads no TypeScript.
 */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { sizes, writeModelFiles } from "./modelFiles.ts";

const program = fileURLToPath(new URL("threadedEngine.mjs", import.meta.url));

interface Outcome {
  readonly texts: readonly string[];
  readonly embeddingSize: number;
  readonly idleMilliseconds: number;
  readonly ends: readonly string[];
  readonly stats: object;
}

describe("an engine in a thread", () => {
  let native: Outcome;
  let node: Outcome;
  let refusal: string;

  // One process for all of it: starting one takes longer than what it does.
  beforeAll(async () => {
    const { modelFile, tokenizerFile } = await writeModelFiles();
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      modelFile,
      tokenizerFile,
      "native",
      "node",
    ]);
    const told = JSON.parse(stdout) as { outcomes: [Outcome, Outcome]; refusal: string };
    [native, node] = told.outcomes;
    refusal = told.refusal;
  });

  it("gives the same texts with either binding", () => {
    expect(native.texts).toEqual(node.texts);
    expect(native.texts[1]).toBe(native.texts[2]);
    expect(new Set(native.texts).size).toBe(5);
    for (const { embeddingSize } of [native, node]) expect(embeddingSize).toBe(sizes.nEmbd);
  });

  it("ends what is running when it is closed", () => {
    for (const { ends, stats } of [native, node]) {
      // The thread may be fast enough to be done before.
      expect(ends[0]).toMatch(/^(EngineError: closed|length)$/);
      expect(ends[1]).toBe("EngineError: closed");
      expect(stats).toMatchObject({ running: 0, waiting: 0, slots: 4, cacheUsage: 0 });
    }
  });

  it("sleeps where there is nothing to do", () => {
    // Half a second of spinning would be 500.
    expect(native.idleMilliseconds).toBeLessThan(250);
  });

  it("says why a model cannot be opened", () => {
    expect(refusal).toMatch(/ENOENT/);
  });
});
