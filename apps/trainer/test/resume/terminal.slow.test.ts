/**
 * Keys and Ctrl-C on a terminal, in the middle of a step that takes seconds: the one that `script` (of util-linux) makes.
 */

import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cli, isBuilt } from "../builtCli.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";
import { configFlags } from "./interruptedRun.ts";

const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;
if (!hasScript) console.warn("skipped: there is no script of util-linux, which makes terminals");

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

/** A command on a terminal of its own. */
class OnTerminal {
  readonly ended: Promise<number | null>;
  readonly #child: ReturnType<typeof spawn>;
  readonly #onOutput = new Set<() => void>();
  output = "";

  constructor(command: readonly string[]) {
    const quoted = command.map((part) => `'${part}'`).join(" ");
    this.#child = spawn("script", ["--quiet", "--return", "--command", quoted, "/dev/null"], { cwd: tiny.folder });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.output += chunk.toString();
      for (const listener of this.#onOutput) listener();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on("close", resolve);
    });
  }

  /** Waits for a text from `from` on. */
  async until(text: string, from = 0): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!this.output.includes(text, from)) return;
        this.#onOutput.delete(check);
        resolve();
      };
      this.#onOutput.add(check);
      check();
    });
  }

  /** Presses a key, and waits for its answer. @returns how long that took, in milliseconds. */
  async press(key: string, answer: string): Promise<number> {
    const from = this.output.length;
    const begin = performance.now();
    this.#child.stdin?.write(key);
    await this.until(answer, from);
    return Math.round(performance.now() - begin);
  }
}

it.runIf(isBuilt && hasScript)(
  "keys and Ctrl-C are answered while a step of the largest preset is under way",
  async () => {
    const config = { preset: "shakespeare-char", data: "moby-dick", evalBatches: 1, threads: availableParallelism() };
    const flags = [...configFlags(config), "--batch-size", "16"];
    const terminal = new OnTerminal([process.execPath, cli, "train", "--out", "run", ...flags]);
    await terminal.until("step    0:");
    const times: Record<string, number> = {};
    for (const [key, answer] of [
      ["s", "samples after this step"],
      ["e", "an evaluation after this step"],
      ["c", "a checkpoint after this step"],
      ["h", "keys: s samples"],
      ["p", "pausing after this step"],
      ["p", "going on"],
      ["\u0003", "stopping after this step"],
    ]) {
      times[JSON.stringify(key)] = await terminal.press(key, answer);
    }
    // What was asked for comes after the step: it was still under way.
    expect(terminal.output).not.toContain("step    1");
    const begin = performance.now();
    await terminal.press("\u0003", "");
    // As a shell sees the end by SIGINT.
    expect(await terminal.ended).toBe(130);
    times["second Ctrl-C"] = Math.round(performance.now() - begin);
    console.log("milliseconds until the answer", times);
  },
);
