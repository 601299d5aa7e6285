import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRun, planTraining, runPaths, train, UsageError } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockRun } from "../../src/run/runLock.ts";
import { tinyConfig, type TinyFolder, tinyFolder, tinyText } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeAll(async () => {
  tiny = tinyFolder();
  await train({ config: { ...tinyConfig(tiny.data), maxSteps: 2, sampleCount: 0 }, out: tiny.path("run") });
});
afterAll(() => tiny.remove());

/** The message of the UsageError that `action` ends with, temporary folder left out. */
async function messageOf(action: () => Promise<unknown>): Promise<string> {
  const error: unknown = await action().then(
    () => new Error("expected a UsageError, got none"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UsageError)) throw error;
  return error.message.replaceAll(tiny.folder, "TMP");
}

const plan = (out: string): Promise<unknown> => planTraining({ config: tinyConfig(tiny.data), out });

describe("a new run's directory", () => {
  it("may be new or empty", async () => {
    mkdirSync(tiny.path("empty"));
    await expect(plan(tiny.path("empty"))).resolves.toMatchObject({ root: tiny.path("empty") });
    await expect(plan(tiny.path("a", "b", "c"))).resolves.toMatchObject({ root: tiny.path("a", "b", "c") });
    expect(existsSync(tiny.path("a"))).toBe(false);
  });

  it("may not be a file, lie in one, hold a run, or hold anything else", async () => {
    expect(await messageOf(() => plan(tiny.data))).toBe(
      'expected a new or empty directory for the run, got "TMP/text.txt", a file',
    );
    expect(await messageOf(() => plan(join(tiny.data, "below", "it")))).toBe(
      'expected a new or empty directory for the run, got "TMP/text.txt/below/it", a file',
    );
    expect(await messageOf(() => plan(tiny.path("run")))).toBe(
      'expected a new or empty directory for the run, got "TMP/run", which holds a run: continue it with --resume, or ' +
        "choose another --out",
    );
    expect(await messageOf(() => plan(tiny.folder))).toBe(
      'expected a new or empty directory for the run, got "TMP", which holds other files: choose another --out',
    );
  });

  it.skipIf(!existsSync("/proc/self"))("is refused where nothing can be written", async () => {
    const message = await messageOf(() => train({ config: tinyConfig(tiny.data), out: "/proc/run" }));
    expect(message).toMatch(/^expected a directory that can be written to, got "\/proc\/run" \(E[A-Z]+\)$/);
  });

  it("is runs/PRESET, or the next that is free, where none is named", async () => {
    const before = process.cwd();
    process.chdir(tiny.folder);
    try {
      const config = { ...tinyConfig(tiny.data), preset: "colab-gpt" };
      await expect(planTraining({ config })).resolves.toMatchObject({ root: join("runs", "colab-gpt") });
      mkdirSync(join("runs", "colab-gpt", "checkpoints"), { recursive: true });
      writeFileSync(join("runs", "colab-gpt-2"), "a file");
      await expect(planTraining({ config })).resolves.toMatchObject({ root: join("runs", "colab-gpt-3") });
    } finally {
      process.chdir(before);
    }
  });

  it("is left as it was where the text is no good", async () => {
    writeFileSync(tiny.path("short.txt"), "too short");
    const config = { ...tinyConfig(tiny.path("short.txt")) };
    expect(await messageOf(() => train({ config, out: tiny.path("none") }))).toBe(
      "expected at least 17 tokens (blockSize 16 + 1) in the train part, got 8 of a text of 9: use a text of at least 170 tokens " +
        "or a smaller blockSize",
    );
    expect(existsSync(tiny.path("none"))).toBe(false);
  });
});

describe("a run that is trained", () => {
  it("is not trained by two", async () => {
    const { lock } = runPaths(tiny.path("run"));
    writeFileSync(lock, `${process.ppid}\n`);
    expect(await messageOf(() => train({ resume: true, out: tiny.path("run") }))).toBe(
      `expected a run that nobody is training, got "TMP/run/.lock" of process ${process.ppid}: wait for it, or delete ` +
        "that file if there is no such trainer",
    );
    // No process has this id: Linux's highest is 2^22.
    writeFileSync(lock, `${2 ** 31 - 2}\n`);
    await expect(train({ resume: true, out: tiny.path("run") })).resolves.toMatchObject({ status: "finished" });
    expect(existsSync(lock)).toBe(false);
  });

  it("is somebody's whose lock says nothing yet, and nobody's where it goes on saying nothing", async () => {
    const lock = tiny.path("empty.lock");
    writeFileSync(lock, "");
    setTimeout(() => writeFileSync(lock, `${process.ppid}\n`), 1);
    expect(await messageOf(() => lockRun(lock))).toContain(`of process ${process.ppid}: wait for it`);
    writeFileSync(lock, "");
    (await lockRun(lock))();
    expect(existsSync(lock)).toBe(false);
  });

  it.runIf(existsSync("/proc/self/stat"))(
    "is not kept by the lock of a process whose id another has by now",
    async () => {
      const { lock } = runPaths(tiny.path("run"));
      const fields = readFileSync(`/proc/${process.ppid}/stat`, "utf8").split(") ")[1].split(" ");
      writeFileSync(lock, `${process.ppid} ${fields[19]}\n`);
      expect(await messageOf(() => train({ resume: true, out: tiny.path("run") }))).toMatch(
        /^expected a run that nobody/,
      );
      writeFileSync(lock, `${process.ppid} ${Number(fields[19]) - 1}\n`);
      await expect(train({ resume: true, out: tiny.path("run") })).resolves.toMatchObject({ status: "finished" });
    },
  );
});

describe("what a killed trainer leaves", () => {
  const id = "123e4567-e89b-42d3-a456-426614174000";

  it("is cleared away by the next one, and what others are writing is not", async () => {
    const { root, checkpoints, model } = runPaths(tiny.path("run"));
    writeFileSync(join(checkpoints, `.last.safetensors.${id}.tmp`), "half");
    renameSync(model, join(root, `.model.${id}.tmp.old`));
    mkdirSync(join(root, `.model.${id}.tmp`));
    mkdirSync(join(root, `.report.${id}.tmp`));
    writeFileSync(join(root, ".tmp"), "a user's");
    await train({ resume: true, out: root });
    expect(readdirSync(root).filter((name) => name.startsWith("."))).toEqual([`.report.${id}.tmp`, ".tmp"]);
    expect(readdirSync(checkpoints)).toEqual(["best.safetensors", "last.safetensors"]);
    expect(readdirSync(model)).toContain("model.safetensors");
  });

  it("before there was a run is no run, and gives way to one", async () => {
    const { root, config, lock, tokenizer, checkpoints, metrics, model } = runPaths(tiny.path("unfinished"));
    mkdirSync(checkpoints, { recursive: true });
    writeFileSync(lock, `${2 ** 31 - 2}\n`);
    writeFileSync(tokenizer, "{}");
    writeFileSync(join(root, `.config.json.${id}.tmp`), "{");
    const begin = (): Promise<unknown> =>
      train({ config: { ...tinyConfig(tiny.data), maxSteps: 2, sampleCount: 0 }, out: root });
    writeFileSync(metrics, "");
    expect(await messageOf(begin)).toMatch(
      /^expected a new or empty directory for the run, got ".*", which holds a run/,
    );
    rmSync(metrics);
    // A model is made of a run: without one it is somebody's own.
    mkdirSync(model);
    expect(await messageOf(begin)).toMatch(/^expected a new or empty directory for the run/);
    rmSync(model, { recursive: true });
    await expect(begin()).resolves.toMatchObject({ status: "finished" });
    expect(existsSync(config)).toBe(true);
    expect(readdirSync(root).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("openRun", () => {
  /** A copy of the run's configuration and tokenizer, one of them with other content. */
  function damaged(file: "config.json" | "tokenizer.json", content: string | undefined): string {
    const root = tiny.path(`damaged-${readdirSync(tiny.folder).length}`);
    mkdirSync(root);
    for (const name of ["config.json", "tokenizer.json"] as const) {
      const text = name === file ? content : readFileSync(tiny.path("run", name), "utf8");
      if (text !== undefined) writeFileSync(join(root, name), text);
    }
    return root;
  }
  const config = (): Record<string, unknown> =>
    JSON.parse(readFileSync(tiny.path("run", "config.json"), "utf8")) as never;

  it("says what is not there", async () => {
    expect(await messageOf(() => openRun(tiny.path("nowhere")))).toBe(
      'expected a run directory, got "TMP/nowhere", which does not exist',
    );
    expect(await messageOf(() => openRun(tiny.data))).toBe(
      'expected a run directory, got "TMP/text.txt", which is a file',
    );
    expect(await messageOf(() => openRun(damaged("tokenizer.json", undefined)))).toMatch(
      /^expected a run directory with "TMP\/damaged-\d+\/tokenizer.json", got none$/,
    );
  });

  it.each([
    [
      "truncated",
      () => JSON.stringify(config()).slice(0, 30),
      /^expected JSON, got "\{.*" \(in "TMP\/damaged-\d+\/config.json"\)$/,
    ],
    [
      "with a value out of range",
      () => JSON.stringify({ ...config(), nLayer: 1e9 }),
      /^expected nLayer to be an integer from 1 to 1000, got 1000000000 \(in /,
    ],
    [
      "with an unknown key",
      () => JSON.stringify({ ...config(), nlayer: 1 }),
      /^expected known keys, got "nlayer": did you mean nLayer\? \(in /,
    ],
    ["with __proto__", () => '{"__proto__": {"nLayer": 1}}', /^expected /],
    ["of another kind", () => "null", /^expected an object with the keys of a training configuration, got null \(in /],
    [
      "of two megabytes",
      () => " ".repeat(2 ** 21),
      /^expected at most 1048576 bytes in "TMP\/damaged-\d+\/config.json", got 2097152$/,
    ],
  ])("refuses a config.json %s", async (_, content, message) => {
    expect(await messageOf(() => openRun(damaged("config.json", content())))).toMatch(message);
  });

  it.each([
    [
      "truncated",
      '{"version": "1.0", "model"',
      /^expected the JSON of a tokenizer.json, got invalid JSON .* \(in "TMP/,
    ],
    ["without a vocabulary", "{}", /^expected model .* \(in "TMP/],
  ])("refuses a tokenizer.json %s", async (_, content, message) => {
    expect(await messageOf(() => openRun(damaged("tokenizer.json", content)))).toMatch(message);
  });

  it("does not build a model of a size that its checkpoint does not have", async () => {
    const root = damaged("config.json", JSON.stringify({ ...config(), nLayer: 1000, nEmbd: 2 ** 16, nHead: 1 }));
    mkdirSync(join(root, "checkpoints"));
    for (const name of ["best", "last"] as const) {
      writeFileSync(runPaths(root)[name], readFileSync(runPaths(tiny.path("run"))[name]));
    }
    const { loadModel } = await import("@llm-learning/trainer");
    const run = await openRun(root);
    expect(await messageOf(() => loadModel(run, "best"))).toMatch(
      /^expected the 5\d{13} weights of the run's config.json and tokenizer.json, got \d+: they are of another model \(in /,
    );
    expect(await messageOf(() => train({ resume: true, out: root }))).toMatch(
      /^expected a model and batches that fit in .* of memory, got sizes that take about .* GB: use a smaller /,
    );
    rmSync(root, { recursive: true });
  });
});

it("the text of these tests is what the trained vocabulary was made of", async () => {
  const { tokenizer } = await openRun(tiny.path("run"));
  expect(tokenizer.vocabSize).toBe(new Set(tinyText).size);
});
