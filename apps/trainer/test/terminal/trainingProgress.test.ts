import { planTraining } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TrainingProgress } from "../../src/terminal/trainingProgress.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

describe("TrainingProgress", () => {
  it("shows what the model writes by now as one plain line", async () => {
    const plan = await planTraining({ config: tinyConfig(tiny.data), out: tiny.path("run") });
    let shown = "";
    const stream = { isTTY: false, write: (text: string) => (shown += text) } as unknown as NodeJS.WriteStream;
    const progress = new TrainingProgress(stream, plan);
    progress.handle({ type: "samples", line: { step: 5, texts: ["\n1 men\nwent to mow"] } });
    progress.handle({ type: "samples", line: { step: 10, texts: ["m".repeat(300)] } });
    expect(shown).toBe(`step  5 writes: 1 men went to mow\nstep 10 writes: ${"m".repeat(83)}…\n`);
  });
  it("stands samples of a text apart, and lists those of lines", async () => {
    const shownOf = async (config: object, texts: readonly string[]): Promise<string> => {
      const plan = await planTraining({ config: { ...tinyConfig(tiny.data), ...config }, out: tiny.path("run") });
      let shown = "";
      const stream = { isTTY: false, write: (text: string) => (shown += text) } as unknown as NodeJS.WriteStream;
      const progress = new TrainingProgress(stream, plan);
      for (const [index, text] of texts.entries()) progress.handle({ type: "sample", step: 20, index, text });
      return shown;
    };
    expect(await shownOf({ sampleCount: 2 }, ["a", "b"])).toBe("\nsample 1 of 2\na\n\nsample 2 of 2\nb");
    const lines = { lines: true, blockSize: 64 };
    expect(await shownOf({ ...lines, sampleCount: 2 }, ["a", "b"])).toBe("\n2 samples\na\nb");
    expect(await shownOf({ ...lines, sampleCount: 1 }, ["a"])).toBe("\n1 sample\na");
  });
});
