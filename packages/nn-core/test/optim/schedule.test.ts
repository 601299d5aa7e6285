import { readFileSync } from "node:fs";
import {
  constantSchedule,
  type CooldownShape,
  type Schedule,
  stepSchedule,
  warmupCosine,
  type WarmupCosineOptions,
  warmupLinear,
  warmupStableDecay,
  type WarmupStableDecayOptions,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface ScheduleCase {
  options: WarmupCosineOptions;
  steps: number[];
  rates: number[];
}

const path = new URL("../fixtures/optim/schedule.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: ScheduleCase[] };

interface TorchCase {
  kind: "cosine" | "linear" | "wsd" | "step" | "constant";
  options: WarmupStableDecayOptions;
  rates: number[];
}

const torchPath = new URL("../fixtures/optim/schedules.json", import.meta.url);
const { cases: torchCases } = JSON.parse(readFileSync(torchPath, "utf8")) as { cases: TorchCase[] };

function scheduleOf({ kind, options }: TorchCase): Schedule {
  switch (kind) {
    case "cosine":
      return warmupCosine(options);
    case "linear":
      return warmupLinear(options);
    case "wsd":
      return warmupStableDecay(options);
    case "step":
      return stepSchedule(options);
    case "constant":
      return constantSchedule(options.learningRate);
  }
}

describe("schedules", () => {
  it.each(torchCases.map((one) => [one.kind, one.options.shape ?? "", one] as const))(
    "have the rates of torch.optim.lr_scheduler: %s %s",
    (_kind, _shape, one) => {
      // PyTorch multiplies from step to step, and gathers an ulp at each.
      expect(one.rates.map((_, step) => scheduleOf(one)(step))).toBeAllclose(one.rates, { rtol: 1e-14 });
    },
  );
});

describe("warmupStableDecay", () => {
  const valid = { learningRate: 1, warmupSteps: 2, decaySteps: 10, cooldownSteps: 4 };

  it("falls to a tenth along a straight line unless told otherwise", () => {
    const rate = warmupStableDecay(valid);
    expect([0, 1, 2, 6, 8, 10, 99].map(rate)).toBeAllclose([1 / 3, 2 / 3, 1, 1, 0.55, 0.1, 0.1], { rtol: 1e-15 });
  });

  it("is refused with a fall that does not fit, as all schedules are with other options that make no sense", () => {
    expect(() => warmupStableDecay({ ...valid, cooldownSteps: 9 })).toThrow(
      new RangeError(
        "warmupStableDecay: expected an integer cooldownSteps from 1 to decaySteps - warmupSteps = 8, got 9",
      ),
    );
    expect(() => warmupStableDecay({ ...valid, cooldownSteps: 1.5 })).toThrow("expected an integer cooldownSteps");
    expect(() => warmupStableDecay({ ...valid, shape: "foo" as CooldownShape })).toThrow(
      new RangeError('warmupStableDecay: expected shape "linear", "cosine" or "sqrt", got "foo"'),
    );
    expect(() => warmupLinear({ ...valid, decaySteps: 2 })).toThrow(
      new RangeError("warmupLinear: expected integers 0 <= warmupSteps < decaySteps, got 2 and 2"),
    );
  });
});

describe("warmupCosine", () => {
  it.each(cases.map((one) => [one.options, one] as const))("has the rates of nanoGPT's get_lr for %o", (_, one) => {
    // The cosine may differ in its last bit, which counts relative to the highest rate.
    const atol = 1e-15 * one.options.learningRate;
    expect(one.steps.map(warmupCosine(one.options))).toBeAllclose(one.rates, { rtol: 1e-15, atol });
  });

  it("ends at a tenth of the highest rate unless told otherwise", () => {
    const options = { learningRate: 0.5, warmupSteps: 1, decaySteps: 3 };
    expect([0, 1, 2, 3, 4].map(warmupCosine(options))).toBeAllclose([0.25, 0.5, 0.275, 0.05, 0.05], { rtol: 1e-15 });
  });

  const valid = { learningRate: 0.1, warmupSteps: 1, decaySteps: 5 };

  it.each([
    [
      { ...valid, learningRate: 0 },
      "expected 0 <= minLearningRate <= learningRate and a finite learningRate > 0, got 0 and 0",
    ],
    [
      { ...valid, minLearningRate: 0.2 },
      "expected 0 <= minLearningRate <= learningRate and a finite learningRate > 0, got 0.2 and 0.1",
    ],
    [
      { ...valid, minLearningRate: -1 },
      "expected 0 <= minLearningRate <= learningRate and a finite learningRate > 0, got -1 and 0.1",
    ],
    [{ ...valid, warmupSteps: -1 }, "expected integers 0 <= warmupSteps < decaySteps, got -1 and 5"],
    [{ ...valid, warmupSteps: 5 }, "expected integers 0 <= warmupSteps < decaySteps, got 5 and 5"],
    [{ ...valid, warmupSteps: 1.5 }, "expected integers 0 <= warmupSteps < decaySteps, got 1.5 and 5"],
    [{ ...valid, decaySteps: Infinity }, "expected integers 0 <= warmupSteps < decaySteps, got 1 and Infinity"],
    [
      { ...valid, learningRate: Infinity, minLearningRate: 0 },
      "expected 0 <= minLearningRate <= learningRate and a finite learningRate > 0, got 0 and Infinity",
    ],
    [{ ...valid, decaySteps: Number.NaN }, "expected integers 0 <= warmupSteps < decaySteps, got 1 and NaN"],
  ])("refuses %o", (options, message) => {
    expect(() => warmupCosine(options)).toThrow(new RangeError(`warmupCosine: ${message}`));
  });
});

describe("constantSchedule", () => {
  it("has one rate for every step", () => {
    expect([0, 7, 1e6].map(constantSchedule(0.3))).toEqual([0.3, 0.3, 0.3]);
  });

  it("refuses a rate that is not above 0 or not finite", () => {
    for (const rate of [0, Infinity]) {
      expect(() => constantSchedule(rate)).toThrow(
        new RangeError(`constantSchedule: expected a finite learningRate > 0, got ${rate}`),
      );
    }
  });
});

describe("stepSchedule", () => {
  it("drops once, to a tenth unless told otherwise", () => {
    // The lecture: lr = 0.1 if i < 100000 else 0.01
    const rate = stepSchedule({ learningRate: 0.1, minLearningRate: 0.01, decaySteps: 100_000 });
    expect([0, 99_999, 100_000, 199_999].map(rate)).toEqual([0.1, 0.1, 0.01, 0.01]);
    expect(stepSchedule({ learningRate: 0.5, decaySteps: 0 })(0)).toBe(0.05);
  });

  it("refuses options that make no sense", () => {
    expect(() => stepSchedule({ learningRate: 0.1, minLearningRate: 0.2, decaySteps: 1 })).toThrow(
      "stepSchedule: expected 0 <= minLearningRate <= learningRate and a finite learningRate > 0, got 0.2 and 0.1",
    );
    expect(() => stepSchedule({ learningRate: 0.1, decaySteps: 0.5 })).toThrow(
      "stepSchedule: expected decaySteps to be an integer >= 0, got 0.5",
    );
  });
});
