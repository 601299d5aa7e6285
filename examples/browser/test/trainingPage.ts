/**
 * The page that trains, bundled, served from this machine, and opened as a person has it before them.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { referenceEngine } from "@llm-learning/nn-core";
import { openPage, type screens } from "@llm-learning/testing/chromium";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { expect } from "vitest";
import { CharacterTraining, type StepRecord } from "../training/characterTraining.ts";
import { serveFolder } from "./servedFolder.ts";

const line = "Call me Ishmael. Some years ago, never mind how long precisely, I thought I would sail about a little.\n";
const text = line.repeat(12);
const sizes = { nLayer: 1, nHead: 2, nEmbd: 16, blockSize: 16, batchSize: 4, learningRate: 0.01, steps: 30, seed: 7 };

/** Bundles the page and serves it. */
export async function servePage(): Promise<{ url: string; close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  const configFile = fileURLToPath(new URL("../vite.config.ts", import.meta.url));
  await build({ configFile, logLevel: "silent", build: { outDir: folder, emptyOutDir: true, minify: false } });
  const { url, close } = await serveFolder(folder);
  return {
    url,
    close: () => {
      close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The page on a screen. */
export class TrainingPage {
  readonly page: Page;
  readonly #url: string;
  readonly #complaints: string[];
  readonly #requests: string[];

  private constructor(url: string, { page, complaints, requests }: Awaited<ReturnType<typeof openPage>>) {
    this.page = page;
    this.#url = url;
    this.#complaints = complaints;
    this.#requests = requests;
  }

  static async open(browser: Browser, url: string, screen: (typeof screens)[number]): Promise<TrainingPage> {
    const opened = new TrainingPage(url, await openPage(browser, screen));
    opened.page.setDefaultTimeout(60_000);
    await opened.page.goto(url);
    return opened;
  }

  /** Closes the page, and gives what it complained of and whatever it asked of another server. */
  async close(): Promise<string[]> {
    await this.page.close();
    return [
      ...this.#complaints,
      ...this.#requests.filter((url) => !url.startsWith(this.#url) && !url.startsWith("blob:")),
    ];
  }

  /** Pastes a text and asks for a tiny model of it. */
  async enter(changes: Partial<typeof sizes> = {}): Promise<void> {
    await this.page.getByLabel("Text", { exact: true }).fill(text);
    for (const [id, value] of Object.entries({ ...sizes, ...changes }))
      await this.page.locator(`#${id}`).fill(String(value));
  }

  /** What a button gives to download. */
  async downloaded(name: string): Promise<Uint8Array> {
    const download = this.page.waitForEvent("download");
    await this.page.getByRole("button", { name }).click();
    return readFileSync(await (await download).path());
  }

  /** The loss of each step. */
  async losses(): Promise<number[]> {
    const lines = new TextDecoder()
      .decode(await this.downloaded("Download the losses"))
      .trim()
      .split("\n");
    return lines.map((line) => (JSON.parse(line) as StepRecord).trainLoss);
  }
}

/**
 * Holds the losses of the first steps that `enter` asks for against the reference engine's.
 *
 * @returns the training that has taken as many steps there.
 */
export async function expectReference(
  losses: readonly number[],
  changes: Partial<typeof sizes> = {},
): Promise<CharacterTraining> {
  const training = await CharacterTraining.prepare({ ...sizes, ...changes, text }, referenceEngine());
  for (const [step, loss] of losses.entries()) {
    const { trainLoss } = await training.take();
    expect(Math.abs(loss - trainLoss), `step ${step + 1}`).toBeLessThan(1e-3);
  }
  return training;
}
