// Runs on lines, in the built command line: `dist` is there when the tests run through `npm test`.
import { rmSync, writeFileSync } from "node:fs";
import { evaluateRun, generateSamples, train } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isBuilt, runCli } from "../builtCli.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

/** Sixteen names in which little is left to chance, so that a small model knows some of them by heart. */
const names = Array.from({ length: 16 }, (_, index) => `${"abcdefghijklmnop"[index]}${"xyz".repeat(1 + (index % 2))}`);

let tiny: TinyFolder;
let known: string[];
beforeAll(async () => {
  tiny = tinyFolder();
  writeFileSync(tiny.path("names.txt"), `${names.join("\n")}\n`);
  const config = {
    preset: "makemore-mlp",
    data: tiny.path("names.txt"),
    nHidden: 32,
    maxSteps: 300,
    evalInterval: 100,
    sampleCount: 0,
  } as const;
  await train({ config, out: tiny.path("run") });
  const { samples } = await generateSamples(tiny.path("run", "model"), { count: 12, seed: 4, temperature: 1 });
  known = samples.map(({ text }) => text);
});
afterAll(() => tiny.remove());

/** The eight tenths that train, by CPython 3.11: random.seed(42); random.shuffle(names); names[:12] */
const trained = [
  "hxyzxyz",
  "jxyzxyz",
  "fxyzxyz",
  "gxyz",
  "oxyz",
  "kxyz",
  "mxyz",
  "ixyz",
  "bxyzxyz",
  "cxyz",
  "nxyzxyz",
  "pxyzxyz",
];

const args = ["sample", "--run", "run", "--count", "12", "--seed", "4", "--temperature", "1"];

describe.skipIf(!isBuilt)("llm-learning train on names", () => {
  it("knows no character of a Windows line end, and says how to sample more names", async () => {
    writeFileSync(tiny.path("windows.txt"), `${names.join("\r\n")}\r\n`);
    const flags = ["--preset", "makemore-bigram", "--max-steps", "2", "--data", "windows.txt", "--out", "windows"];
    const { status, stdout } = await runCli(tiny.folder, ["train", ...flags]);
    expect(status).toBe(0);
    expect(stdout).toContain("vocabulary 20;"); // a to p, x, y, z and the boundary
    expect(stdout).toMatch(/sample --run \S*windows --count 20\n/);
  });
});

describe.skipIf(!isBuilt)("llm-learning sample of a run on names", () => {
  it("prints a name a line, marks those that stand in the training set, and counts the new ones", async () => {
    const { status, stdout, stderr } = await runCli(tiny.folder, args);
    expect(status).toBe(0);
    const lines = known.map((name) => (trained.includes(name) ? `${name} (in the training set)` : name));
    expect(stdout).toBe(`${lines.join("\n")}\n`);
    const copies = known.filter((name) => trained.includes(name)).length;
    expect(copies).toBeGreaterThan(0);
    expect(stderr).toBe(`${12 - copies} new of 12, seed 4\n`);
  });

  it("says so for each name in --json", async () => {
    const { stdout } = await runCli(tiny.folder, [...args, "--json"]);
    const { samples } = JSON.parse(stdout) as { samples: { text: string; inTrainingSet: boolean }[] };
    expect(samples.map(({ text }) => text)).toEqual(known);
    expect(samples.map(({ inTrainingSet }) => inTrainingSet)).toEqual(known.map((name) => trained.includes(name)));
  });

  it("ends at the boundary, begins with the prompt, and refuses what no name begins with", async () => {
    const { stdout } = await runCli(tiny.folder, [...args, "--prompt", "bx"]);
    expect(stdout.split("\n").filter((line) => line.startsWith("bx"))).toHaveLength(12);
    const { status, stderr } = await runCli(tiny.folder, [...args, "--prompt", "Q"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^sample: expected the prompt in characters that the model was trained on, got "Q" \(U\+0051\)/,
    );
  });

  it("eval knows the test part, and gives its exact loss", async () => {
    const { stdout } = await runCli(tiny.folder, ["eval", "--run", "run", "--split", "test", "--json"]);
    const { loss, tokens } = await evaluateRun(tiny.path("run"), { split: "test" });
    expect(JSON.parse(stdout)).toMatchObject({ split: "test", loss, tokens });
    const all = await evaluateRun(tiny.path("run"), { split: "all" });
    expect(all.tokens).toBe(names.join("\n").length + 1);
  });

  it("writes names without marks, and says why, where its data has become another", async () => {
    writeFileSync(tiny.path("names.txt"), `${names.toReversed().join("\n")}\n`);
    const { status, stdout, stderr } = await runCli(tiny.folder, args);
    expect(status).toBe(0);
    expect(stdout).toBe(`${known.join("\n")}\n`);
    expect(stderr).toMatch(
      /^note: what stands in the training set is not marked: expected the lines that the run was trained on, got others in ".*"\nseed 4\n$/,
    );
  });

  it("writes names without marks, and says why, where its data is gone", async () => {
    rmSync(tiny.path("names.txt"));
    const { status, stdout, stderr } = await runCli(tiny.folder, args);
    expect(status).toBe(0);
    expect(stdout).toBe(`${known.join("\n")}\n`);
    expect(stderr).toMatch(/^note: what stands in the training set is not marked: expected a text file .*\nseed 4\n$/);
  });
});
