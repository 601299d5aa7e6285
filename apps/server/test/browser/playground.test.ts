// The playground as people use it: in headless Chromium, on a wide screen and on a telephone, light and dark, by pointer and by keys.
// SCREENSHOTS=folder keeps what it saw.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { type App, type AppSettings, type AttentionReader, buildApp, type ServedModel } from "@llm-learning/server";
import { hasChromium, launch, openPage, screens, unreadable } from "@llm-learning/testing/chromium";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { confidently } from "../playground/confidentEngine.ts";
import type { Script } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

const isBuilt = existsSync(new URL("../../dist/playground/browser/main.js", import.meta.url));
if (!isBuilt) console.warn("skipped: the playground's script is not built (npm run build)");

const WRITTEN = "a whale swam by, né?\nIt sang.";

/** Hears the token before the last one most. */
const attention: AttentionReader = {
  attention: async ({ tokens }) => {
    const T = tokens.length;
    const head = (nearest: number) =>
      tokens.map((_, place) => (place === T - nearest ? 0.75 : 0.25 / Math.max(1, T - 1)));
    return { layers: 2, heads: 2, weights: Float32Array.from([1, 2, 3, 4].flatMap(head)) };
  },
  close: async () => undefined,
};

describe.skipIf(!hasChromium || !isBuilt)("in headless Chromium", { timeout: 60_000 }, () => {
  let browser: Browser;
  let app: App | undefined;
  const folder = process.env["SCREENSHOTS"];

  beforeAll(async () => {
    browser = await launch();
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  /** A served playground. */
  async function served(models: readonly ServedModel[], settings: Partial<AppSettings> = {}): Promise<string> {
    app = await buildApp(contextOf(models, settings));
    await app.listen({ host: "127.0.0.1", port: 0 });
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`;
  }

  /** The page, which has to do without complaints, without foreign requests, and under the policy that it is served with. */
  async function opened(url: string, screen: (typeof screens)[number]) {
    const { page, complaints, requests } = await openPage(browser, screen);
    await page.addInitScript(
      `addEventListener("securitypolicyviolation", (event) => console.error(event.violatedDirective));`,
    );
    await page.goto(url);
    const check = async (): Promise<void> => {
      expect(complaints).toEqual([]);
      expect(requests.filter((request) => !request.startsWith(url))).toEqual([]);
      expect(await unreadable(page)).toEqual([]);
    };
    return { page, check };
  }

  async function picture(page: Page, name: string, { fullPage = false } = {}): Promise<void> {
    if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
  }

  const textOf = (page: Page) => page.locator("#text").textContent();

  test.each([screens[0], screens[3]])(
    "a text streams in and can be looked into, $width pixels wide",
    async (screen) => {
      let goOn = (): void => undefined;
      const half = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const says: Script = async function* (task, signal) {
        let written = 0;
        for await (const event of confidently(task, WRITTEN, { signal, pauseMs: 1 })) {
          if (event.type === "token" && written++ === 5) await half;
          yield event;
        }
      };
      const { page, check } = await opened(
        await served([{ ...scriptedModel(says, { blockSize: 512 }), attention }]),
        screen,
      );
      const name = `playground-${screen.width}`;
      await page.getByText("Ready").waitFor();
      await page.getByLabel("Prompt", { exact: true }).fill("Once upon a time ");
      await page.getByRole("button", { name: "Generate" }).click();
      // As it comes, not at its end.
      await page.getByText("Writing, 5 tokens").waitFor();
      expect(await textOf(page)).toBe("Once upon a time a wha");
      goOn();
      await page.getByText("Done: 30 tokens, ended by the length").waitFor();
      expect((await textOf(page))?.replace("⏎", "").replace("·", "")).toBe(`Once upon a time ${WRITTEN}`);

      await page.locator('[data-index="18"]').hover();
      const card = page.locator("#card");
      expect(await card.locator(".tiles dd").first().textContent()).toBe("50 %");
      expect(await card.getByRole("button").allTextContents()).toEqual(["␣50 %", "a25 %", "e13 %", "o6.3 %", "~3.1 %"]);
      await picture(page, `${name}-hover`);
      await page.locator('[data-index="22"]').click();
      expect(await card.locator(".spelled").textContent()).toBe("l");
      await page.locator("#heard li").first().waitFor();
      expect(await page.locator("#heard li").count()).toBe(5);
      await page.getByLabel("Layer").selectOption("Layer 1");
      await page.getByLabel("Head").selectOption("Head 1");
      expect(await page.locator("#heard .name").first().textContent()).toBe("a 22");
      await picture(page, name);
      await page.getByText("Sampling").click();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await check();
        await picture(page, `${name}-${colorScheme}`, { fullPage: true });
      }
      await page.close();
    },
  );

  test("keys alone do it all", async () => {
    const model = scriptedModel((task, signal) => confidently(task, "abc abc", { signal, pauseMs: 5 }), {
      blockSize: 512,
    });
    const { page, check } = await opened(await served([model]), screens[0]);
    await page.getByText("Ready").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("prompt");
    await page.keyboard.type("Hi ");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Done: 7 tokens").waitFor();

    // One stop of the tab key for all tokens; arrows move among them.
    await page.locator('.token[tabindex="0"]').focus();
    expect(await page.locator('.token[tabindex="0"]').count()).toBe(1);
    for (const key of ["End", "ArrowLeft", "ArrowLeft", "ArrowRight"]) await page.keyboard.press(key);
    expect(await page.locator('[aria-selected="true"]').getAttribute("data-index")).toBe("8");
    expect(await page.locator('[aria-selected="true"]').getAttribute("aria-label")).toBe("b, 4.0 %");
    await page.keyboard.press("Home");
    expect(await page.locator("#card .eyebrow").textContent()).toBe("Token 1 of 10, of the prompt");
    for (let step = 0; step < 4; step++) await page.keyboard.press("ArrowRight");

    // To the alternatives and back, then another one in the place of the token.
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.className")).toBe("bar taken");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(`document.activeElement.dataset.index`)).toBe("4");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Done: 7 tokens").waitFor();
    expect(model.engine.tasks.at(-1)?.prompt).toEqual([..."Hi aa"].map((letter) => letter.codePointAt(0)));
    expect(await textOf(page)).toBe("Hi aaabc abc");
    expect(await page.locator(".token.chosen").allTextContents()).toEqual(["a"]);
    await page.getByRole("button", { name: "Back to the text before" }).click();
    expect(await textOf(page)).toBe("Hi abc abc");
    await check();
    await page.close();
  });

  test("Esc stops, and the engine is told", async () => {
    let ended = false;
    const model = scriptedModel(
      async function* (task, signal) {
        try {
          yield* confidently(task, "x".repeat(400), { signal, pauseMs: 20 });
        } finally {
          ended = true;
        }
      },
      { blockSize: 512 },
    );
    const { page, check } = await opened(await served([model]), screens[0]);
    await page.getByText("Ready").waitFor();
    await page.getByLabel("Prompt", { exact: true }).fill("Go");
    await page.keyboard.press("Control+Enter");
    await page.locator(".token.written").nth(2).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText(/^Stopped after \d+ tokens/).waitFor();
    await expect.poll(() => ended).toBe(true);
    await check();
    await page.close();
  });

  test("a conversation goes on, and an error is said where it happens", async () => {
    const model = scriptedModel((task, signal) => confidently(task, " yes", { signal, pauseMs: 1 }), { blockSize: 64 });
    const { page } = await opened(await served([model]), screens[0]);
    await page.getByText("Ready").waitFor();
    await page.getByText("Chat", { exact: true }).click();
    const message = page.getByLabel("Message", { exact: true });
    await message.fill("one");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Done: 4 tokens").waitFor();
    await message.fill("two");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Done: 4 tokens").waitFor();
    await expect.poll(() => textOf(page)).toBe("user: one⏎\nassistant:  yes⏎\nuser: two⏎\nassistant: yes");
    await message.fill("three".repeat(20));
    await page.keyboard.press("Control+Enter");
    await page.getByRole("alert").getByText("context").waitFor();
    // What could not be answered can be changed.
    expect(await message.inputValue()).toBe("three".repeat(20));
    // A wrong field is shown.
    await page.evaluate(`document.getElementById("temperature").value = "3"`);
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("temperature");
    await page.close();
  });

  test("a key is asked for where one is needed, and kept in the tab", async () => {
    const model = scriptedModel((task, signal) => confidently(task, "ok", { signal }));
    const { page } = await opened(await served([model], { apiKeys: ["secret"] }), screens[0]);
    await page.getByText("An API key is needed").waitFor();
    await page.getByLabel("API key").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("API key").fill("secret");
    await page.keyboard.press("Enter");
    await page.getByText("Ready").waitFor();
    await page.reload();
    await page.getByText("Ready").waitFor();
    expect(await page.evaluate("localStorage.length + document.cookie.length")).toBe(0);
    await page.close();
  });
});
