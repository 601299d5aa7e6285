import { readFileSync } from "node:fs";
import { Parameter, WeightAverage, type WeightAverageOptions } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface AverageCase {
  name: string;
  options: WeightAverageOptions;
  weights: number[][];
  averages: number[][];
}

const path = new URL("../fixtures/optim/averages.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: AverageCase[] };

function start(options: WeightAverageOptions, size = 1): { weight: Parameter; average: WeightAverage } {
  const weight = new Parameter([size]);
  return { weight, average: new WeightAverage(new Map([["w", weight]]), options) };
}

describe.each(cases.map((one) => [one.name, one] as const))("WeightAverage: %s", (_, one) => {
  it("has the values of torch.optim.swa_utils.AveragedModel", () => {
    const { weight, average } = start(one.options, 6);
    one.weights.forEach((values, index) => {
      weight.data.set(values);
      average.update();
      // Some roundings to float32, 6e-8 each, of values of about 1.
      expect(average.state().averages.get("w")!).toBeAllclose(one.averages[index], { atol: 3e-7 });
    });
    expect(average.count).toBe(20);
  });
});

describe("WeightAverage", () => {
  it("in a run that has just begun, forgets how it began", () => {
    const { weight, average } = start({ decay: 0.99, rampUp: true });
    weight.data.fill(1);
    average.update();
    weight.data.fill(0);
    average.update();
    // After one step a share of (1 + 1) / (10 + 1) is left.
    expect(average.state().averages.get("w")).toBeAllclose([2 / 11], { rtol: 1e-6 });
  });

  it("changes places with the weights, bit for bit, and back", () => {
    const { weight, average } = start({}, 2);
    for (const values of [
      [1, -0],
      [2, Math.PI],
    ]) {
      weight.data.set(values);
      average.update();
    }
    average.swap();
    expect([...weight.data]).toEqual([1.5, Math.fround(Math.fround(Math.PI) / 2)]);
    average.swap();
    expect(weight.data).toEqual(Float32Array.of(2, Math.PI));
  });

  it("goes on from a saved state with the same bits", () => {
    const whole = start({ decay: 0.9, rampUp: true });
    const resumed = start({ decay: 0.9, rampUp: true });
    for (let step = 0; step < 12; step++) {
      for (const { weight, average } of [whole, resumed]) {
        weight.data.fill(Math.sin(step));
        average.update();
        if (step === 5) average.loadState(structuredClone(whole.average.state()));
      }
    }
    expect(resumed.average.state()).toEqual(whole.average.state());
  });

  it("refuses what makes no sense", () => {
    expect(() => start({ decay: 1 })).toThrow("WeightAverage: expected decay in [0, 1), got 1");
    const { average } = start({});
    expect(() => average.swap()).toThrow("WeightAverage.swap: expected an update before, got none");
    expect(() => average.loadState({ count: -1, averages: new Map() })).toThrow(
      "WeightAverage.loadState: expected an integer count >= 0, got -1",
    );
    expect(() => average.loadState({ count: 1, averages: new Map() })).toThrow(
      'WeightAverage.loadState: expected an average of 1 values for "w", got none',
    );
  });
});
