// The built command line, as users start it: `dist` is there when the tests run through `npm test`.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { resolveConfig, runPaths, type TrainConfig } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { configFlags, temporaryFiles, timelessFiles, trainInterrupted } from "./resume/interruptedRun.ts";
import { runInProcess } from "./inProcess.ts";
import { checkpointDigests, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder } from "./tinyRun.ts";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const isBuilt = existsSync(cli);
if (!isBuilt)
  console.warn("skipped: the command line is not built (npm run build), and Node 20 cannot run its sources");

// Each test starts several processes, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

/** As from a shell: npm, which may have started these tests, tells programs about itself. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|FORCE_COLOR$)/.test(name));
  return { ...Object.fromEntries(inherited), NO_COLOR: "1" };
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: tiny.folder, env: environment() };
    const child = execFile(process.execPath, [cli, ...args], options, (_, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
  });
}

/** The tiny configuration as flags. */
function tinyFlags(changes: Partial<TrainConfig> = {}): string[] {
  return configFlags({ ...tinyConfig(tiny.data), ...changes });
}

describe.skipIf(!isBuilt)("llm-learning train", () => {
  it("prints one JSON document on standard output, and progress on standard error", async () => {
    const { status, stdout, stderr } = await run("train", ...tinyFlags(), "--out", "json", "--json");
    expect(status).toBe(0);
    const document = JSON.parse(stdout) as Record<string, unknown>;
    const lines = timelessMetrics(tiny.path("json"));
    expect(document).toMatchObject({ run: "json", status: "finished", step: 20, vocabSize: 22, checkpointStep: 20 });
    expect(document).toMatchObject({ valLoss: lines[20].valLoss, trainLoss: lines[20].trainLoss });
    expect(document.peakMemoryBytes).toBeGreaterThan(20e6);
    expect((document.samples as string[]).map((sample) => [...sample].length)).toEqual([10]);
    expect(stderr).toMatch(
      /^training quickstart in json; text.txt, 1,\d{3} characters \(.* to train on, .*\), vocabulary 22; /,
    );
    expect(stderr).toMatch(/^step +0: loss 3.\d+; guessing among 22 tokens gives ln 22 = 3.0910$/m);
    expect(stderr).toMatch(/^step +8: train loss \d.\d{4}, val loss \d.\d{4}/m);
    expect(stderr).toMatch(/^sample 1 of 1$/m);
  });

  it("says what to type next, and resuming with it goes on", async () => {
    const { status, stdout } = await run("train", ...tinyFlags(), "--out", "with space");
    expect(status).toBe(0);
    expect(stdout).toContain("run directory: with space\nnext:\n");
    const next = stdout.slice(stdout.indexOf("next:\n")).split("\n").slice(1);
    expect(next.slice(0, 5)).toEqual([
      expect.stringMatching(/^ {2}node .* sample --run 'with space' --prompt "..."$/),
      expect.stringMatching(/^ {2}node .* eval --run 'with space'$/),
      expect.stringMatching(/^ {2}node .* report --run 'with space'$/),
      expect.stringMatching(/^ {2}(node .*server.dist.cli.js|npx @llm-learning.server) 'with space.model'$/),
      expect.stringMatching(/^ {2}node .* export --run 'with space' --out my-model$/),
    ]);
    expect(next[5]).toMatch(/train --resume --out 'with space' --max-steps 40$/);
    const resumed = await run("train", "--resume", "--out", "with space", "--max-steps", "25", "--sample-count", "0");
    expect(resumed.status).toBe(0);
    expect(resumed.stdout).toMatch(/^goes on at step 20 of 25$/m);
  });

  it("saves and ends on a signal, and goes on to the bits of a run that never stopped", async () => {
    const flags = tinyFlags({
      maxSteps: 1000,
      logInterval: 10,
      evalInterval: 500,
      checkpointInterval: 250,
      sampleCount: 0,
      dropout: 0.1,
    });
    expect((await run("train", ...flags, "--out", "whole")).status).toBe(0);
    for (const [signal, exitCode] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const { status, stdout } = await interrupt(["train", ...flags, "--out", signal], signal);
      expect(status).toBe(exitCode);
      const [, step] = /^stopped at step (\d+) and saved; go on with: .* train --resume --out SIG/m.exec(stdout) ?? [];
      expect(Number(step)).toBeGreaterThan(0);
      expect(Number(step)).toBeLessThan(1000);
      expect(existsSync(runPaths(tiny.path(signal)).lock)).toBe(false);

      expect((await run("train", "--resume", "--out", signal)).status).toBe(0);
      expect(checkpointDigests(tiny.path(signal))).toEqual(checkpointDigests(tiny.path("whole")));
      expect(timelessMetrics(tiny.path(signal))).toEqual(timelessMetrics(tiny.path("whole")));
    }
  });

  // Further configurations, and 25 kills: resume/killed.slow.test.ts.
  it("killed at any step, and while it writes a checkpoint, it goes on to the files of a run that never stopped", async () => {
    const config = {
      ...tinyConfig(tiny.data),
      nEmbd: 128,
      dropout: 0.2,
      maxSteps: 60,
      checkpointInterval: 4,
      watchInterval: 7,
      sampleInterval: 20,
    };
    expect((await run("train", ...configFlags(config), "--out", "unharmed")).status).toBe(0);
    const moments = { step: 1, write: 1 };
    const { sessions } = await trainInterrupted({ config, folder: tiny.folder, out: "killed", seed: 3, moments });
    expect(sessions.at(-1)).toBe("to the end: 0");
    expect(temporaryFiles(tiny.path("killed"))).toEqual([]);
    expect(timelessFiles(tiny.path("killed"))).toEqual(timelessFiles(tiny.path("unharmed")));
    expect(timelessMetrics(tiny.path("killed")).map(({ step }) => step)).toEqual(
      Array.from({ length: 61 }, (_, k) => k),
    );
  });

  it("takes every key of the configuration as a flag", async () => {
    const { stdout } = await run("train", "--help");
    for (const key of Object.keys(resolveConfig())) {
      const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      expect(stdout, flag).toMatch(new RegExp(`^ +${flag} [<[]`, "m"));
    }
    // Where there is no terminal the help is 80 columns wide.
    const widest = Math.max(...stdout.split("\n").map(({ length }) => length));
    expect(widest).toBeLessThanOrEqual(80);
    const flags = tinyFlags({ maxSteps: 1, tieWeights: false, sampleCount: 0, minLearningRate: 1e-5 });
    const { status } = await run("train", ...flags, "--bias", "--no-qkv-bias", "--out", "flags");
    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(runPaths(tiny.path("flags")).config, "utf8"))).toMatchObject({
      tieWeights: false,
      bias: true,
      qkvBias: false,
      minLearningRate: 1e-5,
      maxSteps: 1,
      nEmbd: 16,
    });
  });

  it("ends with status 1 where the loss is no number", async () => {
    const flags = tinyFlags({ learningRate: 500, weightDecay: 10, gradClip: 0, schedule: "constant", warmupSteps: 0 });
    const { status, stderr } = await run("train", ...flags, "--out", "diverged");
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^train: expected losses, gradients and weights that are numbers, got NaN or infinity at step \d+, first in .+: .*; the checkpoint of step \d+ is kept\n$/,
    );
  });
});

describe("bad usage and bad input", () => {
  beforeAll(() => {
    writeFileSync(tiny.path("empty.txt"), "");
    writeFileSync(tiny.path("short.txt"), "short");
    writeFileSync(tiny.path("binary"), Uint8Array.of(1, 2, 0, 3));
    mkdirSync(tiny.path("others"));
    writeFileSync(tiny.path("others", "letter.doc"), "");
  });

  const cases: [string[], string][] = [
    [["trian"], "llm-learning: unknown command 'trian' (Did you mean train?)"],
    [["train", "--nlayer", "3"], "llm-learning: unknown option '--nlayer' (Did you mean --n-layer?)"],
    [["train", "moby-dick"], "llm-learning: too many arguments for 'train'. Expected 0 arguments but got 1."],
    [["train", "--seed"], "llm-learning: option '--seed <n>' argument missing"],
    [["train", "--n-head", "3"], "train: expected nHead that divides nEmbd, got nHead 3 and nEmbd 128"],
    [["train", "--n-layer", "many"], 'train: expected --n-layer to be a number, got "many"'],
    [["train", "--n-layer", ""], 'train: expected --n-layer to be a number, got ""'],
    [["train", "--n-layer", "0x3"], 'train: expected --n-layer to be a number, got "0x3"'],
    [["train", "--n-layer", "-1"], "train: expected --n-layer to be an integer from 1 to 1000, got -1"],
    [["train", "--dropout", "1"], "train: expected --dropout to be a number from 0 to below 1, got 1"],
    [["train", "--bias", "perhaps"], 'train: expected --bias to be true or false, got "perhaps"'],
    [
      ["train", "--engine", "gpu"],
      'train: expected --engine to be one of onnxruntime, tfjs-node, reference, got "gpu"',
    ],
    [
      ["train", "--preset", "quikstart"],
      'train: expected a preset that `presets` lists, got "quikstart": did you mean quickstart?',
    ],
    [
      ["train", "--data", "missing.txt"],
      'train: expected a text file or a folder, got "TMP/missing.txt", which does not exist',
    ],
    [["train", "--data", "empty.txt"], 'train: expected a text, got "TMP/empty.txt", which is empty'],
    [
      ["train", "--data", "binary"],
      'train: expected a text in UTF-8, got "TMP/binary", with a zero byte at offset 2: is it a binary file?',
    ],
    [
      ["train", "--data", "short.txt"],
      "train: expected at least 65 tokens (blockSize 64 + 1) in the train part, got 4 of a text of 5: use a text of at least " +
        "650 tokens or a smaller blockSize",
    ],
    [
      ["train", "--tokenizer", "chars"],
      'train: expected char, byte, bpe, the name of an encoding or a tokenizer file, got "TMP/chars", which does not exist: ' +
        "did you mean char?",
    ],
    [["train", "--vocab-size", "100"], "train: expected --vocab-size to be an integer from 257 to 1000000, got 100"],
    [
      ["train", "--vocab-size", "512"],
      'train: expected vocabSize only with tokenizer bpe, which learns as many, got 512 with "char"',
    ],
    [["train", "--out", "text.txt"], 'train: expected a new or empty directory for the run, got "text.txt", a file'],
    [
      ["train", "--out", "others"],
      'train: expected a new or empty directory for the run, got "others", which holds other files: choose another --out',
    ],
    [["train", "--resume"], "train: expected --out RUN, the run to resume, got none"],
    [["train", "--resume", "--out", "none"], 'train: expected a run directory, got "none", which does not exist'],
    [["train", "--resume", "--out", "others"], 'train: expected a run directory with "others/config.json", got none'],
    [
      ["train", "--n-embd", "1000000", "--n-layer", "1000", "--n-head", "1"],
      "train: expected a model and batches that fit in SIZE of memory, got sizes that take about SIZE: use a smaller batchSize, " +
        "blockSize, nEmbd or nLayer",
    ],
  ];
  it.each(cases)("%j is one line and status 2, and writes nothing", async (args, message) => {
    const { status, stdout, stderr } = await runInProcess(tiny.folder, args);
    const line = stderr
      .replaceAll(tiny.folder, "TMP")
      .replaceAll("/private", "")
      .replace(/\b[\d.e+]+ GB/g, "SIZE");
    expect({ status, stdout, line }).toEqual({ status: 2, stdout: "", line: `${message}\n` });
    expect(existsSync(tiny.path("runs"))).toBe(false);
  });
});

describe.skipIf(!isBuilt)("llm-learning", () => {
  it("ends a process with a line and status 2 where it is used badly", async () => {
    const stderr = "train: expected --dropout to be a number from 0 to below 1, got 1\n";
    expect(await run("train", "--dropout", "1")).toEqual({ status: 2, stdout: "", stderr });
    expect((await run()).status).toBe(2);
  });

  it("shows its commands, its version, and the presets", async () => {
    expect((await run("--help")).stdout).toMatch(/^ {2}train .*train a small language model/m);
    expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { stdout, status } = await run("presets", "--json");
    expect(status).toBe(0);
    const { threads: _, ...expected } = resolveConfig({ preset: "colab-gpt" });
    expect(JSON.parse(stdout)).toMatchObject({ "colab-gpt": { config: expected } });
    expect((await run("presets")).stdout).toMatch(
      /^ {2}shakespeare-char\n {4}.*\n {4}6 layers, 6 heads, 384 wide, context 256/m,
    );
  });
});

const isStep20 = /^step +20:/m;

/** Starts the command line, and sends it a signal once a few steps were taken. */
function interrupt(args: string[], signal: NodeJS.Signals): Promise<Ended> {
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(process.execPath, [cli, ...args], { cwd: tiny.folder, env: environment() });
    let stdout = "";
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!isStep20.test(stdout) && isStep20.test(stdout + chunk.toString())) child.kill(signal);
      stdout += chunk.toString();
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
