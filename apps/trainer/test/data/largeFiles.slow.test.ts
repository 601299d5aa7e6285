/**
 * Training on files of tokens that are larger than memory takes no more of it than training on small ones. Half a minute of two tiny runs;
 * the file of 20 GB is sparse and takes a few megabytes of disk.
 */

import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isBuilt, runCli } from "../builtCli.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

/** More than are counted for an n-gram baseline, which takes memory of its own. */
const TOKENS = 6_000_000;
const LARGE = 20e9;

/** How much more a run may take for what has nothing to do with the size: 40 MB, of a file of 20,000. */
const SLACK = 40e6;

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
  const tokens = Uint16Array.from({ length: TOKENS }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  for (const name of ["small", "large"]) {
    mkdirSync(tiny.path(name));
    writeFileSync(tiny.path(name, "train.bin"), tokens);
    writeFileSync(tiny.path(name, "val.bin"), tokens.subarray(0, 200_000));
  }
  truncateSync(tiny.path("large", "train.bin"), LARGE);
});
afterAll(() => tiny.remove());

interface Report {
  readonly status: string;
  readonly trainTokens: number;
  readonly peakMemoryBytes: number;
}

async function trained(name: string, order: string): Promise<Report> {
  const model =
    "--tokenizer byte --n-layer 1 --n-head 2 --n-embd 16 --block-size 32 --batch-size 4 --threads 1 --sample-count 0";
  const steps = "--max-steps 300 --eval-interval 150 --checkpoint-interval 150 --log-interval 100";
  const flags = `--data ${name} --out ${name}-${order} --order ${order} ${model} ${steps} --json`.split(" ");
  const { status, stdout, stderr } = await runCli(tiny.folder, ["train", "--preset", "nanogpt-cpu", ...flags]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Report;
}

describe.skipIf(!isBuilt)("a file of 20 GB", () => {
  it.each(["random", "shuffled"])(
    "trains in the memory of one of 12 MB, in %s order",
    { timeout: 600_000 },
    async (order) => {
      const small = await trained("small", order);
      const large = await trained("large", order);
      expect(large).toMatchObject({ status: "finished", trainTokens: LARGE / 2 });
      console.log(
        `${order}: ${small.peakMemoryBytes / 1e6} MB with 12 MB of tokens, ${large.peakMemoryBytes / 1e6} MB with 20 GB`,
      );
      expect(large.peakMemoryBytes - small.peakMemoryBytes).toBeLessThan(SLACK);
    },
  );
});
