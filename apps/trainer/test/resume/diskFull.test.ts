/**
 * A disk that is full, as the command line meets it: files that may not grow beyond a limit, which every shell can set. A real file
 * system that fills up is in diskFull.slow.test.ts.
 */

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { runPaths, train } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cli, type Ended, isBuilt } from "../builtCli.ts";
import { checkpointDigests, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder, tinyText } from "../tinyRun.ts";
import { temporaryFiles, timelessFiles } from "./interruptedRun.ts";

vi.setConfig({ testTimeout: 120_000 });

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

/** Runs a line of shell in which `$0` is Node and `$1` the command line. */
function shell(line: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn("sh", ["-c", line, process.execPath, cli, ...args], { cwd: tiny.folder });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

describe.skipIf(!isBuilt || process.platform === "win32")("a file that may not grow", () => {
  it("ends training with a line, and keeps the last checkpoint, from which it goes on to the same bits", async () => {
    const config = { ...tinyConfig(tiny.data), dropout: 0.2 };
    const stop = new AbortController();
    const root = tiny.path("full");
    await train({
      config,
      out: root,
      signal: stop.signal,
      onEvent: (event) => event.type === "metrics" && event.metrics.step === 8 && stop.abort(),
    });
    const { last } = runPaths(root);
    const before = readFileSync(last);
    // In blocks of 512 bytes, or of some shells 1024: metrics still fit, a checkpoint does not.
    const blocks = Math.floor(before.length / 1024 / 2);
    const { status, stderr } = await shell(`ulimit -f ${blocks} && exec "$0" "$1" train --resume --out full`);
    expect({ status, stderr: stderr.replace(/EFBIG: .*;/, "EFBIG;") }).toEqual({
      status: 1,
      stderr: `train: expected room for the run in "full", got EFBIG; the checkpoint of step 9 is kept: make some, and go on with --resume\n`,
    });
    expect(readFileSync(last)).toEqual(before);
    expect(temporaryFiles(root)).toEqual([]);

    await train({ resume: true, out: root });
    await train({ config, out: tiny.path("unharmed") });
    expect(checkpointDigests(root)).toEqual(checkpointDigests(tiny.path("unharmed")));
    expect(timelessMetrics(root)).toEqual(timelessMetrics(tiny.path("unharmed")));
  });

  it("ends an export with a line, and keeps the earlier one", async () => {
    const root = tiny.path("exported");
    await train({ config: { ...tinyConfig(tiny.data), maxSteps: 1 }, out: root });
    const before = timelessFiles(root);
    const { status, stderr } = await shell('ulimit -f 8 && exec "$0" "$1" export --run exported --out exported/model');
    expect({ status, stderr: stderr.replace(/EFBIG.*/, "EFBIG") }).toEqual({
      status: 1,
      stderr: 'export: expected room for a model directory at "exported/model", got EFBIG\n',
    });
    expect(timelessFiles(root)).toEqual(before);
  });

  it("ends the preparation of data with a line, and nothing is left", async () => {
    writeFileSync(tiny.path("long.txt"), tinyText.repeat(20));
    const before = readdirSync(tiny.folder);
    const prepare = 'exec "$0" "$1" data prepare long.txt --out tokens --tokenizer byte';
    const { status, stderr } = await shell(`ulimit -f 8 && ${prepare}`);
    expect({ status, stderr: stderr.replace(/EFBIG.*/, "EFBIG") }).toEqual({
      status: 1,
      stderr: 'data prepare: expected room for the files of "tokens", got EFBIG\n',
    });
    expect(readdirSync(tiny.folder)).toEqual(before);
  });
});

describe.skipIf(!isBuilt || !existsSync("/dev/full"))("standard output that is full", () => {
  it("ends a command with a line", async () => {
    const { status, stderr } = await shell('exec "$0" "$1" presets --json > /dev/full');
    expect({ status, stderr: stderr.replace(/ENOSPC.*/, "ENOSPC") }).toEqual({
      status: 1,
      stderr: "presets: expected standard output that can be written to, got ENOSPC\n",
    });
  });
});
