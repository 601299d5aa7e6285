import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MetricsWriter } from "../../src/run/metrics.ts";
import { StepLines } from "../../src/run/stepLines.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

const text = [0, 5, 10].map((step) => `{"step":${step},"text":"Ü"}\n`).join("");

async function linesKept(step: number): Promise<number[]> {
  const kept: number[] = [];
  const lines = await StepLines.open(
    tiny.path("lines"),
    step,
    () => true,
    (line) => kept.push(line.step),
  );
  await lines.close();
  return kept;
}

describe("the lines of a run that goes on", () => {
  it("are cut where it goes on, in the same file", async () => {
    writeFileSync(tiny.path("lines"), text);
    const { ino } = statSync(tiny.path("lines"));
    expect(await linesKept(10)).toEqual([0, 5, 10]); // the last is told of, and written again
    // Cut, and not written anew: a file of diagnostics may be larger than any string.
    expect(statSync(tiny.path("lines")).ino).toBe(ino);
    expect(readFileSync(tiny.path("lines"), "utf8")).toBe(text.slice(0, text.indexOf('{"step":10')));
  });

  it("end at one that is damaged or was cut short", async () => {
    for (const tail of ['{"step":12', "null\n", "[]\n{}\n", '{"step":"12"}\n', "\n"]) {
      writeFileSync(tiny.path("lines"), text);
      appendFileSync(tiny.path("lines"), tail);
      expect(await linesKept(20)).toEqual([0, 5, 10]);
      expect(readFileSync(tiny.path("lines"), "utf8")).toBe(text);
    }
  });

  it("are refused where one of an earlier step follows one that is none", async () => {
    for (const [content, number, next] of [
      [`\ufeff${text}`, 1, 5],
      [text.replace('{"step":5,', '{"step:5,'), 2, 10],
      [`\n${text}`, 1, 0],
    ] as const) {
      writeFileSync(tiny.path("lines"), content);
      await expect(linesKept(20)).rejects.toThrow(
        `got line ${number}, which is none, before one of step ${next}: mend that line, or take it out`,
      );
      expect(readFileSync(tiny.path("lines"), "utf8")).toBe(content);
      // What follows is of steps that are taken again.
      if (number === 2) expect(await linesKept(10)).toEqual([0]);
    }
  });

  it("end at one that is longer than any, which is not read to its end", async () => {
    writeFileSync(tiny.path("lines"), text);
    truncateSync(tiny.path("lines"), 2 ** 33); // zeros, which take no room on the disk
    expect(await linesKept(20)).toEqual([0, 5, 10]);
    expect(readFileSync(tiny.path("lines"), "utf8")).toBe(text);
  });

  it("may be longer than what is read at once", async () => {
    const long = [0, 1, 2].map((step) => `${JSON.stringify({ step, text: "é".repeat(700_001) })}\n`).join("");
    writeFileSync(tiny.path("lines"), long);
    expect(await linesKept(7)).toEqual([0, 1, 2]);
    expect(readFileSync(tiny.path("lines"), "utf8")).toBe(long);
  });

  it("are made by the first one", async () => {
    const lines = await StepLines.open(tiny.path("lines"), 0, () => true);
    expect(existsSync(tiny.path("lines"))).toBe(false);
    await lines.append({ step: 0 });
    await lines.close();
    expect(readFileSync(tiny.path("lines"), "utf8")).toBe('{"step":0}\n');
  });

  it("are refused in one line where something else is in their place", async () => {
    const message = /^expected a file that can be read and written, got none in ".*lines"$/;
    mkdirSync(tiny.path("lines"));
    await expect(linesKept(1)).rejects.toThrow(message);
    rmdirSync(tiny.path("lines"));
    // Which is not waited for.
    expect(spawnSync("mkfifo", [tiny.path("lines")]).status).toBe(0);
    await expect(linesKept(1)).rejects.toThrow(message);
  });

  it("tell how long a run took that had already ended and is made longer", async () => {
    writeFileSync(
      tiny.path("lines"),
      [0, 20].map((step) => `{"step":${step},"elapsedSeconds":${step + 1}}\n`).join(""),
    );
    const { writer, elapsedSeconds } = await MetricsWriter.open(tiny.path("lines"), 20);
    await writer.close();
    expect(elapsedSeconds).toBe(21);
  });
});
