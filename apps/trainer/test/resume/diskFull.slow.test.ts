/**
 * A training on a small file system of its own, which fills up at one place or another according to its size: in the directory's
 * first files, lines, checkpoints, the exported model. It is mounted in a namespace of the process, where the system permits that.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { train } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, isBuilt, runCli } from "../builtCli.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";
import { configFlags, filesIn, temporaryFiles, timelessFiles } from "./interruptedRun.ts";

/** Mounts `$1` kilobytes at `$2`, runs the rest there, and copies what it wrote to `$3`. */
const onSmallDisk = `
  mount -t tmpfs -o size="$1"k tmpfs "$2" && cd "$2" || exit 99
  copy="$3"
  shift 3
  "$0" "$@"
  status=$?
  cp -R "$PWD" "$copy"
  exit $status`;

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

/** Runs Node in the folder `mount` with a disk of `kilobytes` in it; `copy` is what the disk holds in the end. */
function withDisk(kilobytes: number, args: readonly string[], { mount, copy }: { mount: string; copy: string }): Ended {
  const script = ["-c", onSmallDisk, process.execPath, String(kilobytes), mount, copy, ...args];
  const { status, stderr } = spawnSync("unshare", ["--map-root-user", "--mount", "sh", ...script], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stderr };
}

let tiny: TinyFolder;
let mount: string;
let canMount = false;
beforeAll(() => {
  tiny = tinyFolder();
  mount = tiny.path("mount");
  mkdirSync(mount);
  canMount = withDisk(64, ["--eval", "0"], { mount, copy: tiny.path("probe") }).status === 0;
});
afterAll(() => tiny.remove());

describe.skipIf(!isBuilt || process.platform !== "linux")("a disk that fills up", () => {
  it("ends training with a line, and what is there goes on to the files of a run that had room", async ({ skip }) => {
    if (!canMount) {
      console.warn("skipped: no file system can be mounted here");
      return skip();
    }
    const config = { ...tinyConfig(tiny.data), dropout: 0.2, watchInterval: 5, sampleInterval: 10 };
    await train({ config, out: tiny.path("whole") });
    const whole = timelessFiles(tiny.path("whole"));
    const bytes = filesIn(tiny.path("whole")).map((name) => statSync(tiny.path("whole", name)).size);
    const kilobytes = bytes.reduce((sum, size) => sum + Math.ceil(size / 4096) * 4, 0);
    const messages = new Set<string>();
    const sizes = [8, ...Array.from({ length: 10 }, (_, index) => Math.ceil((1.1 * kilobytes * (index + 1)) / 10))];
    for (const [round, size] of sizes.entries()) {
      const out = `run${round}`;
      const copy = tiny.path(`copy${round}`);
      const args = [cli, "train", ...configFlags(config), "--out", out];
      const { status, stderr } = withDisk(size, args, { mount, copy });
      const root = tiny.path(`copy${round}`, out);
      messages.add(`${status}: ${stderr.replaceAll(out, "RUN").replace(/step \d+ is/, "step N is")}`);
      if (status !== 0) {
        expect(stderr.split("\n")).toHaveLength(2);
        expect(temporaryFiles(root)).toEqual([]);
        const isRun = existsSync(tiny.path(`copy${round}`, out, "config.json"));
        const goOn = await runCli(copy, ["train", "--out", out, ...(isRun ? ["--resume"] : configFlags(config))]);
        expect({ status: goOn.status, stderr: goOn.stderr }).toEqual({ status: 0, stderr: "" });
      }
      expect(timelessFiles(root)).toEqual(whole);
    }
    console.log([...messages].join(""));
    // Small disks hold no run, larger ones no checkpoint or no model, the largest all.
    expect([...messages].some((message) => message.startsWith("2: "))).toBe(true);
    expect([...messages].some((message) => message.includes("the checkpoint of step N is kept"))).toBe(true);
    expect(messages.has("0: ")).toBe(true);
  });
});
