// The page as people use it: bundled, served from this machine, in headless Chromium, on a wide screen and on a telephone.
// SCREENSHOTS=folder keeps what it saw.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSafetensors, referenceEngine } from "@llm-learning/nn-core";
import { hasChromium, launch, openPage, screens, unreadable } from "@llm-learning/testing/chromium";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CharacterTraining, type StepRecord } from "../training/characterTraining.ts";
import { serveFolder } from "./servedFolder.ts";

const line = "Call me Ishmael. Some years ago, never mind how long precisely, I thought I would sail about a little.\n";
const text = line.repeat(12);
const sizes = { nLayer: 1, nHead: 2, nEmbd: 16, blockSize: 16, batchSize: 4, learningRate: 0.01, steps: 30, seed: 7 };

describe.skipIf(!hasChromium)("in headless Chromium", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  const pictures = process.env["SCREENSHOTS"];
  let browser: Browser;
  let served: Awaited<ReturnType<typeof serveFolder>>;
  let page: Page;
  let complaints: string[];
  let requests: string[];

  beforeAll(async () => {
    const configFile = fileURLToPath(new URL("../vite.config.ts", import.meta.url));
    [browser] = await Promise.all([
      launch(),
      build({ configFile, logLevel: "silent", build: { outDir: folder, emptyOutDir: true, minify: false } }),
    ]);
    served = await serveFolder(folder);
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    served?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(screen: (typeof screens)[number]): Promise<void> {
    ({ page, complaints, requests } = await openPage(browser, screen));
    page.setDefaultTimeout(60_000);
    await page.goto(served.url);
  }

  /** Closes the page, which had nothing to complain of and asked no other server for anything. */
  async function close(): Promise<void> {
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(served.url) && !url.startsWith("blob:"))).toEqual([]);
    await page.close();
  }

  async function fill(changes: Partial<typeof sizes> = {}): Promise<void> {
    await page.getByLabel("Text", { exact: true }).fill(text);
    for (const [id, value] of Object.entries({ ...sizes, ...changes }))
      await page.locator(`#${id}`).fill(String(value));
  }

  /** What a button gives to download. */
  async function downloaded(name: string): Promise<Uint8Array> {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name }).click();
    return readFileSync(await (await download).path());
  }

  async function losses(): Promise<number[]> {
    const lines = new TextDecoder()
      .decode(await downloaded("Download the losses"))
      .trim()
      .split("\n");
    return lines.map((line) => (JSON.parse(line) as StepRecord).trainLoss);
  }

  async function picture(name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  test("a model learns a pasted text, writes, and is the same with the same seed and on the reference engine", async () => {
    await open(screens[0]);
    await fill();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("Done: 30 steps").waitFor();

    const first = await losses();
    expect(first).toHaveLength(30);
    expect(first.at(-1)!).toBeLessThan(first[0] - 0.5);
    expect(await page.locator("#samples li").count()).toBe(3);
    expect([...((await page.locator("#samples pre").first().textContent()) ?? "")]).toHaveLength(160);
    expect(await page.locator("#plots svg").count()).toBe(3);
    expect(await unreadable(page)).toEqual([]);
    await picture("train-1280-light");

    const training = await CharacterTraining.prepare({ ...sizes, text }, referenceEngine());
    const expected: number[] = [];
    while (training.step < 6) expected.push((await training.take()).trainLoss);
    expected.forEach((loss, step) => expect(Math.abs(first[step] - loss), `step ${step + 1}`).toBeLessThan(1e-3));

    const { tensors, metadata } = decodeSafetensors(await downloaded("Download the weights"));
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual(
      expect.arrayContaining([["tokenEmbedding.weight", [training.tokenizer.vocabSize, 16]]]),
    );
    expect(metadata).toMatchObject({ step: "30", tokenizer: JSON.stringify(training.tokenizer) });

    await page.getByRole("button", { name: "Start anew" }).click();
    await page.getByText("Done: 30 steps").waitFor();
    expect(await losses()).toEqual(first);
    await close();
  });

  test("by keys alone, on a telephone: it pauses, goes on and stops", async () => {
    await open(screens[3]);
    expect(await unreadable(page)).toEqual([]);
    await fill({ steps: 100_000 });
    await page.locator("#seed").press("Enter");
    await page.getByText("Training", { exact: true }).nth(1).waitFor();
    const step = page.locator("#step");
    await page.locator("#plots svg").first().waitFor();
    await page.locator("#pause").press("Enter");
    await page.getByText("Paused").waitFor();
    const paused = await step.textContent();
    await page.waitForTimeout(200);
    expect(await step.textContent()).toBe(paused);
    await page.locator("#pause").press("Space");
    await page.waitForFunction(`document.getElementById("step").textContent !== ${JSON.stringify(paused)}`);
    expect(await unreadable(page)).toEqual([]);
    await picture("train-390-dark");
    await page.locator("#stop").press("Enter");
    await page.getByText("Stopped: Start begins anew").waitFor();
    await close();
  });

  test("what cannot be trained is said", async () => {
    await open(screens[2]);
    const problem = page.getByRole("alert");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("expected a text to learn from, got none: paste one").waitFor();
    await fill({ nHead: 3 });
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("GPT: expected nHead that divides nEmbd, got nHead 3 and nEmbd 16").waitFor();
    await fill({ blockSize: 500 });
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("expected at least 501 tokens").waitFor();
    expect(await problem.count()).toBe(1);
    expect(await unreadable(page)).toEqual([]);
    await close();
  });
});
