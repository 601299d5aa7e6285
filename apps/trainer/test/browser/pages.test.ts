// The report and the dashboard as a reader sees them: in headless Chromium, on a wide screen and on a telephone, light and dark.
// SCREENSHOTS=folder keeps what it saw.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { planTraining, train, type TrainingEvent, writeReport } from "@llm-learning/trainer";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dashboard } from "../../src/dashboard/dashboard.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";
import { hasChromium, launch, openPage, screens, unreadable } from "@llm-learning/testing/chromium";

describe.skipIf(!hasChromium)("in headless Chromium", { timeout: 120_000 }, () => {
  let tiny: TinyFolder;
  let browser: Browser;
  let folder: string;
  const events: TrainingEvent[] = [];

  beforeAll(async () => {
    tiny = tinyFolder();
    folder = process.env["SCREENSHOTS"] ?? tiny.path("screenshots");
    mkdirSync(folder, { recursive: true });
    const config = { ...tinyConfig(tiny.data), nLayer: 2, sampleCount: 2, watchInterval: 4, sampleInterval: 4 };
    await train({ config, out: tiny.path("run"), onEvent: (event) => events.push(event) });
    browser = await launch();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    tiny.remove();
  });

  /** A picture of the whole page; one that shows nothing is small. */
  async function picture(page: Page, name: string): Promise<void> {
    const bytes = await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    expect(bytes.length, name).toBeGreaterThan(30_000);
  }

  it("shows a report that asks for nothing, complains of nothing and can be read", async () => {
    const { path } = await writeReport(tiny.path("run"));
    const url = pathToFileURL(path).href;
    for (const screen of screens) {
      const name = `report-${screen.width}-${screen.colorScheme}`;
      const { page, complaints, requests } = await openPage(browser, screen);
      await page.goto(url);
      expect(
        requests.filter((request) => request !== url && !request.startsWith("data:")),
        name,
      ).toEqual([]);
      expect(complaints, name).toEqual([]);
      expect(await unreadable(page), name).toEqual([]);
      const shown = await page.locator("figure svg:visible").count();
      // Losses, learning rate, gradient norm, speed; update:data, activations, gradients of both kinds, attention's
      // entropy and largest logit, two distributions over time;
      // token losses, embedding, one layer of attention; pairs of the text.
      expect(shown, name).toBe(16);
      await picture(page, name);
      await page.locator("summary").first().click();
      expect(await page.locator("figure svg:visible").count(), name).toBeGreaterThan(shown);
      await page.close();
    }
  });

  it("shows a dashboard that fills while the run goes on, goes on after a break, and can be read", async () => {
    const config = { ...tinyConfig(tiny.data), nLayer: 2 };
    const dashboard = await Dashboard.start(await planTraining({ config, out: tiny.path("planned") }), 0);
    try {
      const opened = await Promise.all(screens.map((screen) => openPage(browser, screen)));
      for (const { page } of opened) await page.goto(dashboard.url);
      const half = events.length >> 1;
      for (const event of events.slice(0, half)) dashboard.handle(event);
      for (const { page } of opened) await page.locator("#facts dd", { hasText: /^\s*training/ }).waitFor();
      for (const { page } of opened) await page.locator("#charts svg").first().waitFor();

      await opened[0].page.context().setOffline(true);
      await opened[0].page.context().setOffline(false);
      for (const event of events.slice(half)) dashboard.handle(event);
      dashboard.end({ status: "finished", step: 20 } as Parameters<Dashboard["end"]>[0]);
      for (const [index, screen] of screens.entries()) {
        const { page, complaints, requests } = opened[index];
        const name = `dashboard-${screen.width}-${screen.colorScheme}`;
        await page.locator("#facts dd", { hasText: /^\s*finished/ }).waitFor();
        await page.locator("#samples pre").nth(1).waitFor();
        expect(await page.locator("#progress h3").allTextContents(), name).toEqual(
          [20, 16, 12, 8, 4, 0].map((step) => `Step ${step}`),
        );
        expect(await page.locator("#charts svg:visible").count(), name).toBe(4);
        expect(await page.locator("#inside svg:visible").count(), name).toBe(12);
        expect(
          requests.filter((url) => !url.startsWith(dashboard.url) && !url.startsWith("data:")),
          name,
        ).toEqual([]);
        expect(complaints, name).toEqual([]);
        expect(await unreadable(page), name).toEqual([]);
        await picture(page, name);
      }
      await dashboard.close();
      for (const { page } of opened) {
        await page.getByText("no answer: is the training still there?").waitFor();
        await page.close();
      }
    } finally {
      await dashboard.close();
    }
  });
});
