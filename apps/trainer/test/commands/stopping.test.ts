/**
 * Ctrl-C and SIGTERM, as the command line meets them in the middle of its work: it sends them to itself when it has opened a certain file.
 */

import { readdirSync } from "node:fs";
import { runPaths, train } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isBuilt, runCli } from "../builtCli.ts";
import { timelessFiles } from "../resume/interruptedRun.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeAll(async () => {
  tiny = tinyFolder();
  await train({ config: { ...tinyConfig(tiny.data), maxSteps: 2, sampleCount: 0 }, out: tiny.path("run") });
});
afterAll(() => tiny.remove());

/** What Node loads first, so that a signal comes when a file whose path has `part` in it was opened or read. */
function signalAt(part: string, signal: NodeJS.Signals): NodeJS.ProcessEnv {
  const code = `
    import fs from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    for (const name of ["open", "readFile"]) {
      const original = fs[name];
      fs[name] = async (path, ...rest) => {
        const result = await original(path, ...rest);
        if (String(path).includes(${JSON.stringify(part)})) process.kill(process.pid, ${JSON.stringify(signal)});
        return result;
      };
    }
    syncBuiltinESMExports();`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

describe.skipIf(!isBuilt || process.platform === "win32")("a signal", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends the preparation of data, and leaves nothing: %s", async (signal, status) => {
    const before = readdirSync(tiny.folder);
    const ended = await runCli(tiny.folder, ["data", "prepare", tiny.data, "--out", "tokens", "--tokenizer", "char"], {
      environment: signalAt(".val.bin.", signal),
    });
    expect(ended).toEqual({ status, stdout: "", stderr: "data prepare: stopped, nothing was written\n" });
    expect(readdirSync(tiny.folder)).toEqual(before);
  });

  it("ends an export, and leaves the earlier one as it was", async () => {
    const before = timelessFiles(tiny.path("run"));
    const out = runPaths("run").model;
    const ended = await runCli(tiny.folder, ["export", "--run", "run", "--out", out, "--format", "safetensors"], {
      environment: signalAt(".tmp/model.safetensors", "SIGINT"),
    });
    expect(ended).toEqual({ status: 130, stdout: "", stderr: `export: stopped, "${out}" is as it was\n` });
    expect(timelessFiles(tiny.path("run"))).toEqual(before);
  });

  it("ends an evaluation", async () => {
    const ended = await runCli(tiny.folder, ["eval", "--run", "run", "--data", tiny.data], {
      environment: signalAt(tiny.data, "SIGINT"),
    });
    expect(ended).toEqual({ status: 130, stdout: "", stderr: "eval: stopped\n" });
  });
});
