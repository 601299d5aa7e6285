// The page as people use it: bundled, served from this machine, in headless Chromium, on a wide screen and on a telephone.
// SCREENSHOTS=folder keeps what it saw.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@llm-learning/nn-core";
import { hasChromium, launch, screens, unreadable } from "@llm-learning/testing/chromium";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectReference, servePage, TrainingPage } from "./trainingPage.ts";

describe.skipIf(!hasChromium)("in headless Chromium", { timeout: 120_000 }, () => {
  const pictures = process.env["SCREENSHOTS"];
  let browser: Browser;
  let served: Awaited<ReturnType<typeof servePage>>;

  beforeAll(async () => {
    [browser, served] = await Promise.all([launch(), servePage()]);
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    served?.close();
  });

  const open = (screen: (typeof screens)[number]): Promise<TrainingPage> =>
    TrainingPage.open(browser, served.url, screen);

  async function picture(page: Page, name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  test("a model learns a pasted text, writes, and is the same with the same seed and on the reference engine", async () => {
    const training = await open(screens[0]);
    const { page } = training;
    await training.enter();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("Done: 30 steps").waitFor();

    const first = await training.losses();
    expect(first).toHaveLength(30);
    expect(first.at(-1)!).toBeLessThan(first[0] - 0.5);
    expect(await page.locator("#samples li").count()).toBe(3);
    expect([...((await page.locator("#samples pre").first().textContent()) ?? "")]).toHaveLength(160);
    expect(await page.locator("#plots svg").count()).toBe(3);
    expect(await unreadable(page)).toEqual([]);
    await picture(page, "train-1280-light");

    const { tokenizer } = await expectReference(first.slice(0, 6));
    const { tensors, metadata } = decodeSafetensors(await training.downloaded("Download the weights"));
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual(
      expect.arrayContaining([["tokenEmbedding.weight", [tokenizer.vocabSize, 16]]]),
    );
    expect(metadata).toMatchObject({ step: "30", tokenizer: JSON.stringify(tokenizer) });

    await page.getByRole("button", { name: "Start anew" }).click();
    await page.getByText("Done: 30 steps").waitFor();
    expect(await training.losses()).toEqual(first);
    expect(await training.close()).toEqual([]);
  });

  test("by keys alone, on a telephone: it pauses, goes on and stops", async () => {
    const training = await open(screens[3]);
    const { page } = training;
    expect(await unreadable(page)).toEqual([]);
    await training.enter({ steps: 100_000 });
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
    await picture(page, "train-390-dark");
    await page.locator("#stop").press("Enter");
    await page.getByText("Stopped: Start begins anew").waitFor();
    expect(await training.close()).toEqual([]);
  });

  test("what cannot be trained is said", async () => {
    const training = await open(screens[2]);
    const { page } = training;
    const problem = page.getByRole("alert");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("expected a text to learn from, got none: paste one").waitFor();
    await training.enter({ nHead: 3 });
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("GPT: expected nHead that divides nEmbd, got nHead 3 and nEmbd 16").waitFor();
    await training.enter({ blockSize: 500 });
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("expected at least 501 tokens").waitFor();
    expect(await problem.count()).toBe(1);
    expect(await unreadable(page)).toEqual([]);
    expect(await training.close()).toEqual([]);
  });
});
