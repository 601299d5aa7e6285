/**
 * The same seed gives the same bits with any number of threads, and on a machine that has other things to do: 150 steps of presets of
 * both forms, with dropout.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import type { TrainConfig } from "@llm-learning/trainer";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isBuilt, runCli } from "../builtCli.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";
import { configFlags, timelessFiles } from "./interruptedRun.ts";

const presets = ["nanogpt-cpu", "llama-cpu", "qwen3-cpu"] as const;

const config = {
  data: "moby-dick",
  dropout: 0.2,
  maxSteps: 150,
  evalInterval: 50,
  evalBatches: 4,
  logInterval: 1,
  watchInterval: 50,
  sampleCount: 1,
  sampleTokens: 50,
} as const satisfies Partial<TrainConfig>;

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

let spinning: ChildProcess[] = [];
afterEach(() => {
  for (const child of spinning) child.kill();
  spinning = [];
});

/** Gives every core two processes that never rest. */
function beBusy(): void {
  spinning = Array.from({ length: 2 * availableParallelism() }, () =>
    spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" }),
  );
}

/** The files of a run, but for its `config.json`, which names the number of threads. */
async function filesOf(preset: string, threads: number, out: string): Promise<Record<string, unknown>> {
  const flags = configFlags({ ...config, preset, threads });
  const { status, stderr } = await runCli(tiny.folder, ["train", ...flags, "--out", out]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { "config.json": _, ...files } = timelessFiles(tiny.path(out));
  return files;
}

describe.skipIf(!isBuilt)("a seed gives the same bits", () => {
  it.each(presets)("with 1, 2 and 3 threads, and on a busy machine: %s", async (preset) => {
    const expected = await filesOf(preset, 1, `${preset}-1`);
    for (const threads of [2, 3]) {
      expect(await filesOf(preset, threads, `${preset}-${threads}`), `${threads} threads`).toEqual(expected);
    }
    beBusy();
    expect(await filesOf(preset, 2, `${preset}-busy`), "on a busy machine").toEqual(expected);
  });
});
