// The commands that use a run, in the built command line: `dist` is there when the tests run through `npm test`.
import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { evaluateRun, generateSamples, train } from "@llm-learning/trainer";
import { mutatedJson } from "@llm-learning/testing/mutatedJson";
import { mutatedBytes, randomFrom } from "@llm-learning/testing/mutations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInProcess } from "../inProcess.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const isBuilt = existsSync(cli);
if (!isBuilt) console.warn("skipped: the command line is not built (npm run build)");

let tiny: TinyFolder;
beforeAll(async () => {
  tiny = tinyFolder();
  await train({ config: { ...tinyConfig(tiny.data), sampleCount: 0 }, out: tiny.path("run") });
});
afterAll(() => tiny.remove());

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: tiny.folder, env: { ...process.env, NO_COLOR: "1" } };
    const child = execFile(process.execPath, [cli, ...args], options, (_, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
  });
}

/** The one document on standard output. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await run(...args, "--json");
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe.skipIf(!isBuilt)("llm-learning sample", () => {
  it("prints the prompt and what follows, and the seed on standard error", async () => {
    const { status, stdout, stderr } = await run("sample", "--run", "run", "--prompt", "men ", "--max-tokens", "9");
    expect(status).toBe(0);
    const [, seed] = /^9 tokens, [\d,]+ tokens\/s, seed (\d+)\n$/.exec(stderr)!;
    const options = { prompt: "men ", maxTokens: 9, seed: Number(seed) };
    const { samples } = await generateSamples(tiny.path("run", "model"), options);
    expect(stdout).toBe(`men ${samples[0].text}\n`);
  });

  it("prints several samples apart, or as one document", async () => {
    const args = ["sample", "--run", "run", "--count", "3", "--seed", "5", "--max-tokens", "4", "--top-k", "3"];
    args.push("--top-p", "0.9", "--temperature", "1.5");
    const options = { count: 3, seed: 5, maxTokens: 4, topK: 3, topP: 0.9, temperature: 1.5 };
    const { samples } = await generateSamples(tiny.path("run", "model"), options);
    const texts = samples.map(({ text }) => text);
    expect((await run(...args)).stdout).toBe(`${texts.join("\n\n---\n")}\n`);
    expect(await json(...args)).toMatchObject({
      run: "run",
      prompt: "",
      maxTokens: 4,
      temperature: 1.5,
      topK: 3,
      topP: 0.9,
      seed: 5,
      samples: texts.map((text) => ({ text, completion: text, tokens: 4, finishReason: "length" })),
    });
  });
});

describe.skipIf(!isBuilt)("llm-learning sample with penalties, stop strings and log-probabilities", () => {
  it("draws as the library does with the same options", async () => {
    const args = ["sample", "--run", "run", "--seed", "5", "--count", "2", "--max-tokens", "40", "--min-p", "0.02"];
    args.push("--repetition-penalty", "1.2", "--frequency-penalty", "-0.1", "--presence-penalty", "0.4");
    args.push("--stop", "m", "--stop", "e", "--logprobs", "2");
    const options = { minP: 0.02, repetitionPenalty: 1.2, frequencyPenalty: -0.1, presencePenalty: 0.4 };
    const stop = ["m", "e"];
    const model = tiny.path("run", "model");
    const { samples } = await generateSamples(model, {
      ...options,
      seed: 5,
      count: 2,
      maxTokens: 40,
      stop,
      logprobs: 2,
    });
    expect(await json(...args)).toMatchObject({
      ...options,
      stop,
      samples: samples.map(({ text, ...others }) => ({ completion: text, ...others })),
    });
    expect(samples[0].logprobs).toHaveLength(samples[0].tokens);
    expect(samples.some((sample) => sample.stop !== undefined)).toBe(true);
  });

  it("names them in its help", async () => {
    const { stdout } = await run("sample", "--help");
    const flags = [
      "--min-p",
      "--repetition-penalty",
      "--frequency-penalty",
      "--presence-penalty",
      "--stop",
      "--logprobs",
    ];
    for (const flag of flags) expect(stdout).toContain(`${flag} <`);
  });
});

describe.skipIf(!isBuilt || process.platform === "win32")("Ctrl-C", () => {
  it("ends sampling with status 130 after what has been written", async () => {
    const args = [cli, "sample", "--run", "run", "--prompt", "men", "--max-tokens", "1000000"];
    const child = spawn(process.execPath, args, { cwd: tiny.folder });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      if (stdout === "") child.kill("SIGINT");
      stdout += text;
    });
    child.stderr.on("data", (text) => (stderr += text));
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
    expect(stdout).toMatch(/^men[^]*\n$/);
  });
});

describe.skipIf(!isBuilt)("llm-learning eval", () => {
  it("prints the loss over the validation part, or over another text", async () => {
    const expected = await evaluateRun(tiny.path("run"));
    const { status, stdout } = await run("eval", "--run", "run");
    expect(status).toBe(0);
    expect(stdout).toContain(`  loss           ${expected.loss.toFixed(4)} nats per token\n`);
    const { seconds: _, ...numbers } = expected;
    expect(await json("eval", "--run", "run")).toMatchObject({ run: "run", ...numbers });
    writeFileSync(tiny.path("other.txt"), "a meadow");
    expect(await json("eval", "--run", "run", "--data", "other.txt")).toMatchObject({ split: "all", tokens: 7 });
  });
});

describe.skipIf(!isBuilt)("llm-learning import", () => {
  it("makes a run of a model directory, and says what to type next", async () => {
    const { status, stdout } = await run("import", "run/model", "--out", "imported", "--data", tiny.data);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^imported .*run\/model: 3,\d{3} parameters, vocabulary 22, context 16\n/);
    expect(stdout).toMatch(/^ {2}node .* train --resume --out .*imported$/m);
    const before = await evaluateRun(tiny.path("run"));
    const after = await evaluateRun(tiny.path("imported"));
    expect(after.loss).toBe(before.loss);
    expect(await run("import", "nowhere")).toEqual({
      status: 2,
      stdout: "",
      stderr: 'import: expected a model directory, got "nowhere", which does not exist\n',
    });
  });
});

describe.skipIf(!isBuilt)("llm-learning export", () => {
  it("writes a model directory, the same as training did", async () => {
    const { status, stdout } = await run("export", "--run", "run", "--out", "exported");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^exported: weights of step \d+\n {2}config.json /);
    for (const name of ["config.json", "tokenizer.json", "model.safetensors", "onnx/model.onnx"]) {
      expect(readFileSync(tiny.path("exported", name)), name).toEqual(readFileSync(tiny.path("run", "model", name)));
    }
    const document = await json("export", "--run", "run", "--out", "exported", "--format", "safetensors");
    expect(document).toMatchObject({ run: "run", warnings: [] });
    expect(readdirSync(tiny.path("exported"))).not.toContain("onnx");
  });

  it("makes good a damaged or missing model of a run", async () => {
    cpSync(tiny.path("run"), tiny.path("again"), { recursive: true });
    truncateSync(tiny.path("again", "model", "onnx", "model.onnx"), 100);
    expect((await run("sample", "--run", "again")).status).toBe(2);
    expect((await run("export", "--run", "again", "--out", "again/model")).status).toBe(0);
    expect((await run("sample", "--run", "again")).status).toBe(0);
  });
});

describe.skipIf(!isBuilt)("llm-learning doctor", () => {
  it("prints lines, or one document", async () => {
    expect((await run("doctor")).stdout).toMatch(/^ok {2}Node.js/);
    expect(await json("doctor")).toHaveProperty("engines");
  });
});

describe("bad usage and bad input of a run", () => {
  it.each<[string[], RegExp]>([
    [["sample"], /required option '--run <dir>'/],
    [["sample", "--run", "nowhere"], /sample: expected a run directory, got "nowhere", which does not exist/],
    [["sample", "--run", "text.txt"], /which is a file/],
    [["sample", "--run", "run", "--prompt", "漢"], /got "漢" \(U\+6F22\)/],
    [["sample", "--run", "run", "--top-k", "0"], /expected --top-k to be an integer >= 1, got "0"/],
    [["sample", "--run", "run", "--top-k", "0x10"], /expected --top-k to be an integer >= 1, got "0x10"/],
    [["sample", "--run", "run", "--top-p", "1.5"], /expected --top-p to be a number greater than 0, at most 1/],
    [["sample", "--run", "run", "--min-p", "-1"], /expected --min-p to be a number from 0 to 1, got "-1"/],
    [
      ["sample", "--run", "run", "--repetition-penalty", "0"],
      /expected --repetition-penalty to be a number greater than 0/,
    ],
    [
      ["sample", "--run", "run", "--frequency-penalty", "3"],
      /expected --frequency-penalty to be a number from -2 to 2/,
    ],
    [["sample", "--run", "run", "--presence-penalty", "x"], /expected --presence-penalty to be a number from -2 to 2/],
    [["sample", "--run", "run", "--stop", ""], /expected --stop to be a text, got an empty one/],
    [["sample", "--run", "run", "--json", "--logprobs", "21"], /expected --logprobs to be an integer from 0 to 20/],
    [["sample", "--run", "run", "--logprobs", "2"], /expected --json with --logprobs/],
    [["sample", "--run", "run", "--temperature", "hot"], /expected --temperature to be a number from 0 to 100/],
    [["sample", "--run", "run", "--seed", "-1"], /expected --seed to be an integer >= 0, got "-1"/],
    [["sample", "--run", "run", "--max-tokens", ""], /expected --max-tokens to be an integer from 1 to/],
    [["sample", "--run", "run", "--count", "1e9"], /expected --count to be an integer from 1 to 10000/],
    [
      ["eval", "--run", "run", "--split", "test"],
      /expected split val, train or all, got test: only a run on lines keeps a test part/,
    ],
    [["eval", "--run", "run", "--data", "nowhere.txt"], /which does not exist/],
    [["export", "--run", "run"], /required option '--out <dir>'/],
    [["export", "--run", "run", "--out", "run"], /got one with other files/],
    [["export", "--run", "run", "--out", "text.txt"], /got a file/],
    [["export", "--run", "run", "--out", "text.txt/below"], /text.txt\/below/],
    [["export", "--run", "run", "--out", ""], /expected the path of a directory of its own, got an empty path/],
    [
      ["export", "--run", "run", "--out", "new", "--format", "onnx,pickle"],
      /onnx, safetensors, gguf, nanogpt, peft, triton, got "pickle"/,
    ],
    [["export", "--run", "run", "--out", "new", "--quantize", "q5"], /--quantize of fp16, q8, int8, q4, got "q5"/],
    [
      ["export", "--run", "run", "--out", "new", "--format", "safetensors", "--quantize", "q8"],
      /expected the format onnx or gguf to quantize, got safetensors/,
    ],
    [["eval", "--run", "run", "--quantize", "int4"], /--quantize of fp16, q8, int8, q4, got "int4"/],
    [["doctor", "--fix"], /unknown option '--fix'/],
  ])("%j is one line and status 2, and writes nothing", async (args, message) => {
    const before = readdirSync(tiny.folder);
    const { status, stdout, stderr } = await runInProcess(tiny.folder, args);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(readdirSync(tiny.folder)).toEqual(before);
  });

  it.each([
    ["config.json", ["sample", "eval", "export"]],
    ["tokenizer.json", ["sample", "eval", "export"]],
    ["model/config.json", ["sample"]],
    ["model/tokenizer.json", ["sample"]],
    ["model/onnx/model.onnx", ["sample"]],
    ["checkpoints/best.safetensors", ["eval", "export"]],
  ])("a cut-off %s is one line and status 2 to %j", async (file, commands) => {
    rmSync(tiny.path("cut"), { recursive: true, force: true });
    cpSync(tiny.path("run"), tiny.path("cut"), { recursive: true });
    const path = tiny.path("cut", file);
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
    for (const command of commands) {
      const out = command === "export" ? ["--out", "never"] : [];
      const { status, stdout, stderr } = await runInProcess(tiny.folder, [command, "--run", "cut", ...out]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).toContain(`cut/${file}`);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    }
    expect(existsSync(tiny.path("never"))).toBe(false);
  });

  it.each([
    ["config.json", "eval"],
    ["model/tokenizer.json", "sample"],
    ["model/onnx/model.onnx", "sample"],
    ["checkpoints/best.safetensors", "eval"],
  ])("a damaged %s does no harm to the command line, or is one line and status 2 to %s", async (file, command) => {
    rmSync(tiny.path("damaged"), { recursive: true, force: true });
    cpSync(tiny.path("run"), tiny.path("damaged"), { recursive: true });
    const path = tiny.path("damaged", file);
    const bytes = readFileSync(path);
    const random = randomFrom(file.length);
    const isJson = file.endsWith(".json");
    writeFileSync(
      path,
      isJson ? mutatedJson(JSON.parse(bytes.toString()) as object, random) : mutatedBytes(bytes, random),
    );
    const { status, stdout, stderr } = await runInProcess(tiny.folder, [command, "--run", "damaged"]);
    if (status === 0) return;
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^\w+: expected [^\n]+\n$/);
  });

  it.skipIf(!existsSync("/proc/self"))("a place where nothing can be written is status 2", async () => {
    const { status, stderr } = await runInProcess(tiny.folder, ["export", "--run", "run", "--out", "/proc/new/model"]);
    expect(stderr).toMatch(/^export: expected a directory that can be written, got "\/proc\/new\/model": E[A-Z]+\n$/);
    expect(status).toBe(2);
  });
});
