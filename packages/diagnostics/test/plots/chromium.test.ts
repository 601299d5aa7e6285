// The plots in a real browser, which knows how wide a text is: nothing is cut off, nothing covers anything else.
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostile, samples } from "./samples.ts";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];
const executablePath = [process.env["CHROMIUM_PATH"], ...places].find((path) => path !== undefined && existsSync(path));
const names = ["embedding.weight", "hidden.0.weight", "hidden.1.weight", "hidden.2.weight", "output.weight"];
const plots = Object.entries({ plain: samples(names), hostile: samples(hostile) }).flatMap(([kind, drawn]) =>
  Object.entries(drawn).map(([name, draw]) => ({ name, kind, draw, widths: kind === "plain" ? [390, 1280] : [390] })),
);

/** Runs in the page: what is cut off, and which words stand on each other. Words in cells are allowed to touch. */
const findProblems = `(() => {
  const sheet = document.querySelector("svg").getBoundingClientRect();
  const texts = [...document.querySelectorAll("svg text")].map((element) => ({
    text: element.textContent.slice(0, 40),
    box: element.getBoundingClientRect(),
    free: !element.classList.contains("halo") && element.closest("[pointer-events=none]") === null,
    size: Number.parseFloat(getComputedStyle(element).fontSize),
  }));
  const problems = texts
    .filter(({ box }) => box.left < sheet.left - 1 || box.right > sheet.right + 1 || box.bottom > sheet.bottom + 1)
    .map(({ text }) => "cut off: " + text);
  problems.push(...texts.filter(({ size }) => size < 10).map(({ text }) => "too small: " + text));
  const free = texts.filter((each) => each.free);
  free.forEach((a, i) => {
    for (const b of free.slice(i + 1)) {
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      // Boxes of lines reach a little above and below the letters.
      if (across > 1.5 && down > 4) problems.push("on each other: " + a.text + " and " + b.text);
    }
  });
  return problems;
})()`;

describe.skipIf(executablePath === undefined)("in headless Chromium (skipped where none is installed)", () => {
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on("pageerror", (error) => failures.push(error.message));
    page.on("console", (message) => failures.push(message.text()));
    page.on("request", (request) => failures.push(request.url()));
  });

  afterAll(async () => {
    await browser.close();
  });

  test.each(plots)("$name with $kind names: all words are whole and apart", async ({ draw, widths }) => {
    for (const width of widths) {
      await page.setContent(`<!doctype html><body style="margin: 0">${draw({ width })}`);
      expect(await page.evaluate(findProblems), `at ${width} pixels`).toEqual([]);
    }
    expect(failures).toEqual([]);
  });

  test("colours follow the reader, unless the page says otherwise", async () => {
    const { lossCurve } = samples(names);
    const ink = `getComputedStyle(document.querySelector("svg text")).fill`;
    const [light, dark] = ["rgb(31, 35, 40)", "rgb(240, 246, 252)"];
    const colorsOf = async (content: string) => {
      await page.setContent(`<!doctype html>${content}`);
      const seen: unknown[] = [];
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        seen.push(await page.evaluate(ink));
      }
      return seen;
    };
    expect(await colorsOf(lossCurve({}))).toEqual([light, dark]);
    expect(await colorsOf(lossCurve({ scheme: "light" }))).toEqual([light, light]);
    expect(await colorsOf(lossCurve({ scheme: "dark" }))).toEqual([dark, dark]);
    const page1 = `<style>.llm-plot { --plot-ink: rgb(1, 2, 3) }</style>${lossCurve({})}`;
    expect(await colorsOf(page1)).toEqual(["rgb(1, 2, 3)", "rgb(1, 2, 3)"]);
  });
});
