/**
 * Headless Chromium, where one is installed: opens pages as a reader would, and notes whatever a page should not do.
 */

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];
const executablePath = [process.env["CHROMIUM_PATH"], ...places].find((path) => path !== undefined && existsSync(path));

export const hasChromium: boolean = executablePath !== undefined;
if (!hasChromium) console.warn("skipped: no Chromium is installed (CHROMIUM_PATH says where one is)");

export function launch(graphics: readonly string[] = ["--disable-gpu"]): Promise<Browser> {
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ["--no-sandbox", ...graphics, "--disable-background-networking", "--disable-sync"],
  });
}

/** Starts it with WebGPU on the graphics processor in software that comes with it: slow, and the same on every machine. */
export function launchWithWebGPU(): Promise<Browser> {
  return launch([
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
    "--disable-vulkan-surface",
  ]);
}

/** The screens on which pages have to be readable. */
export const screens = [
  { width: 1280, height: 900, colorScheme: "light" },
  { width: 1280, height: 900, colorScheme: "dark" },
  { width: 390, height: 844, colorScheme: "light" },
  { width: 390, height: 844, colorScheme: "dark" },
] as const;

/** Opens a page whose console, errors and requests are noted. */
export async function openPage(
  browser: Browser,
  { width, height, colorScheme }: (typeof screens)[number],
): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  return { page, complaints, requests };
}

/** What cannot be read: texts whose contrast with what they stand on is below 4.5:1, boxes that reach over the right edge. */
export async function unreadable(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    // "rgb(0, 0, 255)", or "color(srgb 0 0 1)", as mixed colors are.
    const numbers = (color) => {
      const scale = color.startsWith("color(") ? 255 : 1;
      return (color.match(/[\\d.]+/g) ?? []).map((text, axis) => (axis < 3 ? scale : 1) * Number(text));
    };
    const luminance = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const groundOf = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const color = numbers(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    };
    const problems = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent.trim();
      if (text === "" || /^(SCRIPT|STYLE|NOSCRIPT|title|desc)$/.test(element.tagName)) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0) continue;
      if (box.right > innerWidth + 1) problems.push("reaches over the edge: " + text.slice(0, 40));
      const svg = element.closest("svg");
      // In cells of colour a plot chooses ink or paper, which its own tests check.
      if (svg !== null && (element.closest(".paper, .mono, .ink") || svg.querySelector("[class^='h']") !== null)) continue;
      const style = getComputedStyle(element);
      const color = numbers(svg === null ? style.color : style.fill);
      const [low, high] = [luminance(color), luminance(groundOf(element))].sort((a, b) => a - b);
      const contrast = (high + 0.05) / (low + 0.05);
      if (contrast < 4.5) problems.push("contrast " + contrast.toFixed(2) + ": " + text.slice(0, 40));
    }
    if (document.documentElement.scrollWidth > innerWidth) problems.push("the page scrolls sideways");
    return problems;
  })()`);
}
