import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { runPaths, train, writeReport } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeAll(async () => {
  tiny = tinyFolder();
  await train({ config: tinyConfig(tiny.data), out: tiny.path("run") });
}, 60_000);
afterAll(() => tiny.remove());

/** A copy of the trained run, to be damaged. */
function copy(name: string): string {
  cpSync(tiny.path("run"), tiny.path(name), { recursive: true });
  return tiny.path(name);
}

describe("writeReport", () => {
  it("writes one page that asks for nothing, and each figure as a file", async () => {
    const { path, figures, notes } = await writeReport(tiny.path("run"));
    expect(path).toBe(tiny.path("run", "report", "index.html"));
    expect(notes).toEqual([]);
    const page = readFileSync(path, "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    expect(page).not.toMatch(/<script|<iframe|<link rel="stylesheet"|@import|url\(/i);
    // The only addresses are names of SVG's vocabulary.
    const addresses = new Set([...page.matchAll(/(?:https?:)?\/\/[^\s"'<)]+/g)].map(([address]) => address));
    expect([...addresses]).toEqual(["http://www.w3.org/2000/svg"]);
    expect(figures.map((file) => file.slice(tiny.path("run", "report").length + 1))).toEqual([
      "loss.svg",
      "learning-rate.svg",
      "gradient-norm.svg",
      "speed.svg",
      "token-loss.svg",
      "embedding.svg",
      "attention-0.svg",
      "bigrams.svg",
    ]);
    for (const figure of figures) expect(readFileSync(figure, "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(readdirSync(tiny.path("run", "report"))).toHaveLength(figures.length + 1);
  });

  it("shows the numbers of metrics.jsonl and the sizes of the model", async () => {
    const { path } = await writeReport(tiny.path("run"));
    const lines = readFileSync(runPaths(tiny.path("run")).metrics, "utf8")
      .trim()
      .split("\n");
    const losses = lines.map((line) => (JSON.parse(line) as { valLoss?: number }).valLoss ?? Infinity);
    const text = readFileSync(path, "utf8").replace(/\s+/g, " ");
    expect(text).toContain(`<dt>Best validation loss</dt> <dd>${Math.min(...losses).toFixed(4)}`);
    expect(text).toMatch(/<dt>Step<\/dt> <dd>20\s*<small>of 20<\/small>/);
    expect(text).toMatch(/perplexity \d+\.\d\d of 22/);
  });

  it("writes the same bytes again, and to any place", async () => {
    const first = await writeReport(tiny.path("run"));
    const second = await writeReport(tiny.path("run"), { out: tiny.path("page.html") });
    expect(readFileSync(second.path, "utf8")).toBe(readFileSync(first.path, "utf8"));
    expect(second.figures[0]).toBe(tiny.path("page-figures", "loss.svg"));
    expect(readdirSync(tiny.path("page-figures"))).toHaveLength(second.figures.length);
  });

  it("is a report without the text, without a checkpoint and without metrics, and says what is missing", async () => {
    const root = copy("bare");
    const paths = runPaths(root);
    rmSync(paths.checkpoints, { recursive: true });
    rmSync(paths.model, { recursive: true });
    rmSync(paths.metrics);
    expect((await writeReport(root)).notes).toEqual([
      "Nothing of the model is shown: the run has no checkpoint of its best weights yet.",
    ]);
    const config = JSON.parse(readFileSync(paths.config, "utf8")) as object;
    writeFileSync(paths.config, JSON.stringify({ ...config, data: tiny.path("gone.txt") }));
    const { notes, path } = await writeReport(root);
    expect(notes).toEqual([
      "Nothing of the model is shown: the run has no checkpoint of its best weights yet.",
      expect.stringMatching(
        /^Nothing of the text, and of the model on it, is shown: expected a text file.*does not exist\.$/,
      ),
    ]);
    expect(readFileSync(path, "utf8")).toContain("metrics.jsonl has no line yet");
  });

  it("says of a text that has changed, and of an exported model that is damaged, that they are not shown", async () => {
    const root = copy("changed");
    const paths = runPaths(root);
    const data = tiny.path("changed.txt");
    writeFileSync(data, `${readFileSync(tiny.data, "utf8")}men`);
    const config = JSON.parse(readFileSync(paths.config, "utf8")) as object;
    writeFileSync(paths.config, JSON.stringify({ ...config, data }));
    rmSync(join(paths.model, "onnx"), { recursive: true });
    const { notes, figures } = await writeReport(root);
    expect(notes).toEqual([
      `Nothing of the text, and of the model on it, is shown: expected the text that the run was trained on, got another in ${JSON.stringify(data)}.`,
      expect.stringMatching(/^No samples are shown: expected .*model\.onnx.*\.$/),
    ]);
    expect(figures.map((file) => basename(file))).toEqual([
      "loss.svg",
      "learning-rate.svg",
      "gradient-norm.svg",
      "speed.svg",
    ]);
  });

  it("shows hostile text and takes only numbers for numbers", async () => {
    const evil = `</pre></style><script>alert("x")</script>&<img src=x onerror=alert(1)>`;
    const root = copy(`evil <b onclick=x>"&`);
    const paths = runPaths(root);
    const data = tiny.path(`<script>x.txt`);
    copyFileSync(tiny.data, data);
    const config = JSON.parse(readFileSync(paths.config, "utf8")) as object;
    writeFileSync(paths.config, JSON.stringify({ ...config, data, preset: evil }));
    const lines = readFileSync(paths.metrics, "utf8");
    const strange = {
      step: 21,
      elapsedSeconds: 1e308,
      trainLoss: evil,
      valLoss: -1e308,
      gradNorm: 1e308,
      learningRate: [1],
    };
    writeFileSync(paths.metrics, `${lines}${JSON.stringify(strange)}\n`);
    const page = readFileSync((await writeReport(root)).path, "utf8");
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toMatch(/<script|<img|<b |onerror=alert\(1\)>(?!&)/i);
  });

  it("shows how the writing changed, where samples were taken on the way", async () => {
    const root = copy("sampled");
    expect(readFileSync((await writeReport(root)).path, "utf8")).not.toContain("How its writing changed");
    const lines = Array.from({ length: 31 }, (_, i) => ({ step: 10 * i, texts: [`<i>wrote ${10 * i}</i>`] }));
    writeFileSync(runPaths(root).samples, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const page = readFileSync((await writeReport(root)).path, "utf8");
    expect(page).toContain("How its writing changed");
    const steps = [...page.matchAll(/&lt;i&gt;wrote (\d+)&lt;\/i&gt;/g)].map(([, step]) => Number(step));
    expect(steps).toHaveLength(8);
    expect([steps[0], steps[7]]).toEqual([0, 300]);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it("says in one line what is wrong with a run that is missing or damaged, and writes nothing", async () => {
    const damaged = (name: string, damage: (paths: ReturnType<typeof runPaths>) => void): string => {
      const root = copy(name);
      rmSync(join(root, "report"), { recursive: true, force: true });
      damage(runPaths(root));
      return root;
    };
    const cases: [string, RegExp][] = [
      [tiny.path("nowhere"), /^expected a run directory, got ".*nowhere", which does not exist$/],
      [tiny.data, /^expected a run directory, got ".*text.txt", which is a file$/],
      [
        damaged("no-config", ({ config }) => rmSync(config)),
        /^expected a run directory with ".*config.json", got none$/,
      ],
      [
        damaged("bad-config", ({ config }) => writeFileSync(config, "{")),
        /^expected JSON, got "\{" \(in ".*config.json"\)$/,
      ],
      [
        damaged("bad-checkpoint", ({ best }) => writeFileSync(best, "no safetensors")),
        /^expected .* \(in ".*best.safetensors"\)$/,
      ],
    ];
    for (const [root, message] of cases) {
      await expect(writeReport(root), root).rejects.toMatchObject({
        name: "UsageError",
        message: expect.stringMatching(message),
      });
      expect(existsSync(join(root, "report")), root).toBe(false);
    }
    await expect(writeReport(tiny.path("run"), { out: tiny.path("text.txt", "x.html") })).rejects.toMatchObject({
      name: "UsageError",
    });
  });

  it("reads metrics up to the first damaged line", async () => {
    const root = copy("cut");
    appendFileSync(runPaths(root).metrics, `{"step": 30, "trainLoss"`);
    expect((await writeReport(root)).figures).toHaveLength(8);
  });
});
