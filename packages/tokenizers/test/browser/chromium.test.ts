// The library in a real browser: bundled as an application would bundle it, served from this machine, run by headless Chromium.
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cl100k_base } from "@llm-learning/tokenizers/tiktoken/cl100k_base";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "./bundle.ts";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];
const executablePath = [process.env["CHROMIUM_PATH"], ...places].find((path) => path !== undefined && existsSync(path));
const texts = [
  "hello world",
  "안녕하세요, wörld 👩‍👩‍👧",
  "\ufeff\u0085  \r\n\n x",
  "lone \ud800 surrogate",
  "if (a <= b) {\n\treturn 10000;\n}",
];

describe.skipIf(executablePath === undefined)("in headless Chromium (skipped where none is installed)", () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    const { code } = await bundle(`
      import { cl100k_base } from "@llm-learning/tokenizers/tiktoken/cl100k_base";
      globalThis.roundTrip = (text) => {
        const ids = cl100k_base.encode(text);
        const stream = cl100k_base.decodeStream();
        return { ids: [...ids], text: cl100k_base.decode(ids), streamed: [...ids].map((id) => stream.push(id)).join("") + stream.end() };
      };`);
    server = createServer(({ url }, response) => {
      response.setHeader(
        "content-type",
        url === "/app.js" ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8",
      );
      response.end(url === "/app.js" ? code : '<!doctype html><script type="module" src="/app.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test("encodes, decodes and streams as in Node", async () => {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction("globalThis.roundTrip !== undefined");
    for (const text of texts) {
      const wellFormed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
      expect(await page.evaluate(`roundTrip(${JSON.stringify(text)})`)).toEqual({
        ids: [...cl100k_base.encode(text)],
        text: wellFormed,
        streamed: wellFormed,
      });
    }
    expect(failures).toEqual([]);
  });
});
