import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTrainer } from "./builtTrainer.ts";
import { generatedText } from "./generatedText.ts";

const MEGABYTES = 1000;
const script = `
  import { closeSync, openSync, writeSync } from "node:fs";
  import { lines } from "./generatedText.js";
  import { trainBpeFromFiles } from "./node.js";
  import { trainBpe } from "./train.js";

  const [mode, file] = process.argv.slice(2);
  const controller = new AbortController();
  const progress = [];
  let aborted = 0;
  const options = {
    vocabSize: 32_768,
    specialTokens: ["<|endoftext|>"],
    signal: controller.signal,
    threads: 3,
    onProgress: (event) => {
      progress.push(event);
      if (mode !== "abort" || event.done < 100e6 || aborted > 0) return;
      aborted = performance.now();
      controller.abort(new Error("enough"));
    },
  };
  const start = performance.now();
  let outcome;
  if (mode === "write") {
    const target = openSync(file, "w");
    let chunk = "";
    for (const line of lines(1, ${MEGABYTES})) {
      chunk += line;
      if (chunk.length > 1e6) {
        writeSync(target, chunk);
        chunk = "";
      }
    }
    writeSync(target, chunk);
    closeSync(target);
  } else if (mode === "files") outcome = await trainBpeFromFiles([file], options);
  else if (mode === "iterable") outcome = await trainBpe(lines(1, ${MEGABYTES}), options);
  else outcome = await trainBpe(lines(1, ${MEGABYTES}), options).catch((error) => error.message);
  console.log(JSON.stringify({
    outcome,
    seconds: (performance.now() - start) / 1000,
    secondsAfterAbort: (performance.now() - aborted) / 1000,
    peakBytes: 1024 * process.resourceUsage().maxRSS,
    events: progress.length,
    counted: progress.findLast(({ phase }) => phase === "count"),
    last: progress.at(-1),
  }));
`;

describe("a gigabyte of text", () => {
  let built = "";
  const text = () => join(dirname(built), "text.txt");
  const run = (mode: string) => {
    const output = execFileSync(process.execPath, [built, mode, text()], { encoding: "utf8", maxBuffer: 2 ** 26 });
    const { outcome, ...figures } = JSON.parse(output);
    process.stderr.write(`${mode}: ${JSON.stringify(figures)}\n`);
    return { outcome, ...figures };
  };

  beforeAll(async () => {
    built = await buildTrainer(script);
    writeFileSync(join(dirname(built), "generatedText.js"), generatedText);
    run("write");
  });
  afterAll(() => rmSync(dirname(built), { recursive: true }));

  test("is trained on within a gigabyte of memory, from an iterable and from a file with threads, to the same tokenizer", () => {
    const fromFile = run("files");
    const fromLines = run("iterable");
    for (const { counted, last, events, peakBytes } of [fromFile, fromLines]) {
      expect(counted.done).toBeGreaterThan(0.95 * 1e6 * MEGABYTES);
      expect(counted.done).toBe(counted.total);
      expect(counted.pieces).toBeGreaterThan(1_000_000);
      expect(last).toMatchObject({ phase: "merge", done: last.total });
      expect(events).toBeGreaterThan(100);
      expect(peakBytes).toBeLessThan(1e9);
    }
    expect(fromLines.outcome.model.merges).toEqual(fromFile.outcome.model.merges);
  });

  test("is left within two seconds of an abort", () => {
    const { outcome, secondsAfterAbort } = run("abort");
    expect(outcome).toBe("enough");
    expect(secondsAfterAbort).toBeLessThan(2);
  });
});
