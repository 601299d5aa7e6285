import { writeFileSync } from "node:fs";
import type { StatisticsLine } from "@llm-learning/diagnostics";
import { type Metrics, runPaths } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunHistory } from "../../src/report/runHistory.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

const statistics = { count: 4, mean: 0, std: 1, min: -1, max: 1, nanCount: 0, infinityCount: 0 };
const record = {
  ...statistics,
  name: "hidden",
  kind: "tanh",
  histogram: { counts: [4], edges: [-1, 1] },
  quantiles: null,
  saturated: 0,
  dead: 0,
  gradient: null,
  gradientToData: null,
  updateToData: null,
  attention: null,
};
const line = (step: number): StatisticsLine => ({ step, records: [record] }) as unknown as StatisticsLine;

describe("RunHistory", () => {
  it("gives the series of a run, and leaves out what is no number or comes twice", () => {
    const history = new RunHistory();
    const metrics = { trainLoss: 3, learningRate: 1, gradNorm: 1, tokensPerSecond: 10, elapsedSeconds: 1 };
    history.add({ ...metrics, step: 0, valLoss: 3 });
    history.add({ ...metrics, step: 10, trainLoss: 2 });
    history.add({ ...metrics, step: 10, trainLoss: 9 });
    history.add({ ...metrics, step: 20, trainLoss: "1", valLoss: 2.5 } as unknown as Metrics);
    expect(history.series("trainLoss")).toEqual({ steps: [0, 10], values: [3, 2] });
    expect(history.best).toEqual({ step: 20, valLoss: 2.5 });
    expect(history.step).toBe(20);
  });

  it("keeps the newest statistics and some of those before, however long a run is", () => {
    const history = new RunHistory();
    for (let step = 0; step < 5000; step += 5) {
      history.addStatistics(line(step));
      const steps = history.statistics.map((kept) => kept.step);
      expect(steps.at(-1)).toBe(step);
      expect(steps[0]).toBe(0);
      expect(steps.length).toBeLessThanOrEqual(256);
      // All but the newest are equally far apart.
      const distances = new Set(steps.slice(1, -1).map((at, i) => at - steps[i]));
      expect(distances.size).toBeLessThanOrEqual(1);
    }
  });

  it("reads the files of a run up to the first damaged line", async () => {
    const paths = runPaths(tiny.folder);
    writeFileSync(paths.metrics, `{"step":0,"trainLoss":3,"elapsedSeconds":0}\n{"step":1,`);
    writeFileSync(
      paths.diagnostics,
      [line(0), line(5), { step: 6, records: [{ name: "hidden" }] }, line(7)]
        .map((value) => JSON.stringify(value))
        .join("\n") + "\n",
    );
    writeFileSync(paths.baseline, `{"name":"a 5-gram","order":5,"valLoss":2}`);
    writeFileSync(paths.samples, `{"step":0,"texts":["q"]}\n{"step":5,"texts":["an"]}\n{"step":9,"texts":[9]}\n`);
    const history = await RunHistory.read(paths);
    expect(history.series("trainLoss").steps).toEqual([0]);
    expect(history.statistics.map(({ step }) => step)).toEqual([0, 5]);
    expect(history.samples.map(({ texts }) => texts)).toEqual([["q"], ["an"]]);
    expect(history.baseline).toEqual({ name: "a 5-gram", valLoss: 2 });
    writeFileSync(paths.baseline, `{"name":1,"valLoss":"2"}`);
    expect((await RunHistory.read(paths)).baseline).toBeUndefined();
  });
});
