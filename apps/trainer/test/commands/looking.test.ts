// The commands that look at a run, in the built command line: `dist` is there when the tests run through `npm test`.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { train } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isBuilt, runCli, spawnCli } from "../builtCli.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

// Each test starts several processes, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let tiny: TinyFolder;
beforeAll(async () => {
  tiny = tinyFolder();
  await train({ config: { ...tinyConfig(tiny.data), sampleCount: 0 }, out: tiny.path("run") });
});
afterAll(() => tiny.remove());

const run = (...args: string[]): ReturnType<typeof runCli> => runCli(tiny.folder, args);

/** The tiny configuration as flags. */
function tinyFlags(changes: Record<string, string | number> = {}): string[] {
  return Object.entries({ ...tinyConfig(tiny.data), ...changes }).flatMap(([key, value]) => [
    `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
}

describe.skipIf(!isBuilt)("llm-learning report", () => {
  it("writes the page and says where it is, in words or as one document", async () => {
    const { status, stdout } = await run("report", "--run", "run");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\S*run\/report\/index.html, with \d+ figures: open it in a browser\n$/m);
    const document = JSON.parse((await run("report", "--run", "run", "--out", "page.html", "--json")).stdout) as object;
    expect(document).toMatchObject({ run: "run", report: "page.html", notes: [], warnings: [] });
    expect(readFileSync(tiny.path("page.html"), "utf8")).toBe(readFileSync(tiny.path("run/report/index.html"), "utf8"));
  });

  it("is one line and status 2 for a run that is missing or damaged", async () => {
    await train({ config: { ...tinyConfig(tiny.data), maxSteps: 1, sampleCount: 0 }, out: tiny.path("damaged") });
    writeFileSync(tiny.path("damaged/checkpoints/best.safetensors"), "damaged");
    rmSync(tiny.path("damaged/report"), { recursive: true, force: true });
    for (const [name, message] of [
      ["nowhere", /^report: expected a run directory, got "nowhere", which does not exist\n$/],
      ["damaged", /^(?:[a-z ]+\n)*report: expected .* \(in "damaged\/checkpoints\/best.safetensors"\)\n$/],
    ] as const) {
      const { status, stdout, stderr } = await run("report", "--run", name);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(existsSync(tiny.path(name, "report"))).toBe(false);
    }
  });
});

describe.skipIf(!isBuilt)("--out of a page or a picture", () => {
  it("overwrites no file of another kind, such as the run's own", async () => {
    const config = readFileSync(tiny.path("run/config.json"), "utf8");
    expect(await run("report", "--run", "run", "--out", "run/config.json")).toMatchObject({
      status: 2,
      stderr: 'report: expected --out to end in .html, got "run/config.json"\n',
    });
    expect(await run("lr-find", ...tinyFlags(), "--out", "run/config.json")).toMatchObject({
      status: 2,
      stderr: 'lr-find: expected --out to end in .svg, got "run/config.json"\n',
    });
    expect(readFileSync(tiny.path("run/config.json"), "utf8")).toBe(config);
  });

  it("may be in a folder that is not there yet, and is no folder", async () => {
    expect((await run("report", "--run", "run", "--out", "new/folder/page.html")).status).toBe(0);
    expect(existsSync(tiny.path("new/folder/page-figures/loss.svg"))).toBe(true);
    mkdirSync(tiny.path("folder.html"));
    expect(await run("report", "--run", "run", "--out", "folder.html")).toMatchObject({
      status: 2,
      stderr: 'report: expected --out to be a file that can be written, got "folder.html" (a folder)\n',
    });
  });
});

describe.skipIf(!isBuilt)("llm-learning lr-find", () => {
  it("suggests a rate, draws the curve, and keeps nothing", async () => {
    const flags = tinyFlags();
    const { status, stdout } = await run("lr-find", ...flags, "--steps", "60", "--to", "3", "--out", "curve.svg");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}loss [▁-█]+ /m);
    const [, suggested] = /train with --learning-rate (\S+)$/m.exec(stdout) ?? [];
    expect(Number(suggested)).toBeGreaterThan(1e-4);
    expect(readFileSync(tiny.path("curve.svg"), "utf8")).toContain("suggested");
    expect(existsSync(tiny.path("runs"))).toBe(false);
    const { stdout: json } = await run("lr-find", ...flags, "--steps", "60", "--to", "3", "--json");
    const document = JSON.parse(json) as { rates: number[]; suggestedLearningRate: number };
    expect(document.rates[0]).toBeCloseTo(1e-5, 12);
    expect(document.suggestedLearningRate / Number(suggested)).toBeCloseTo(1, 1);
  });

  it("refuses rates the wrong way round, and a file that cannot be written", async () => {
    const { status, stderr } = await run("lr-find", "--from", "1", "--to", "0.1");
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "lr-find: expected --from below --to, got 1 and 0.1\n",
    });
    // Before the search, which may take long.
    expect(await run("lr-find", ...tinyFlags(), "--steps", "10", "--out", "text.txt/curve.svg")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: 'lr-find: expected --out to be a file that can be written, got "text.txt/curve.svg" (EEXIST)\n',
    });
  });
});

describe.skipIf(!isBuilt)("llm-learning train --dashboard", () => {
  it("serves the page while it trains and after, and closes on Ctrl-C", async () => {
    const child = spawnCli(tiny.folder, [
      "train",
      ...tinyFlags(),
      "--out",
      "seen",
      "--dashboard",
      "--port",
      "0",
      "--keep-dashboard",
    ]);
    let output = "";
    const said = (pattern: RegExp): Promise<string> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output);
          if (found !== null) resolve(found[1]);
        };
        child.stdout?.on("data", (chunk: Buffer) => {
          output += chunk.toString();
          look();
        });
        child.on("exit", () => reject(new Error(`ended without ${String(pattern)}: ${output}`)));
        look();
      });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const url = await said(/^dashboard: (http:\/\/127\.0\.0\.1:\d+\/)$/m);
    expect(await (await fetch(url)).text()).toContain("<title>seen: training</title>");
    await said(/the dashboard stays at (\S+) until Ctrl-C/);
    const events = await fetch(`${url}events`);
    const reader = events.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first).toMatch(/^retry: 2000\nevent: hello\n/);
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("ends with the training where nobody sits at a terminal, and writes event files beside", async () => {
    const { status, stdout } = await run(
      "train",
      ...tinyFlags(),
      "--out",
      "brief",
      "--dashboard",
      "--port",
      "0",
      "--tensorboard",
      "--json",
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "finished" });
    expect(existsSync(tiny.path("brief/tensorboard"))).toBe(true);
  });

  it("says that its port is in use before it trains", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = await run(
      "train",
      ...tinyFlags(),
      "--out",
      "blocked",
      "--dashboard",
      "--port",
      String(port),
    );
    other.close();
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `train: expected a free --port for the dashboard, got ${port}, which is in use: give another, or 0 for any\n`,
    });
    expect(existsSync(tiny.path("blocked"))).toBe(false);
    for (const [flag, ...value] of [["--port", "80"], ["--keep-dashboard"]]) {
      expect(await run("train", flag, ...value)).toMatchObject({
        status: 2,
        stderr: `train: expected ${flag} together with --dashboard, got it alone\n`,
      });
    }
  });
});
