import { describeBad, diagnose, firstBad, type StatisticsRecord } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { describe, expect, it } from "vitest";

const statistics = {
  count: 100,
  mean: 0,
  std: 0.6,
  min: -1,
  max: 1,
  nanCount: 0,
  infinityCount: 0,
  histogram: null,
  quantiles: null,
};

function record(name: string, changes: Partial<StatisticsRecord> = {}): StatisticsRecord {
  return {
    ...statistics,
    name,
    kind: "tanh",
    saturated: 0.02,
    dead: 0,
    gradient: statistics,
    gradientToData: null,
    updateToData: null,
    attention: null,
    ...changes,
  };
}

const sick = { ...statistics, mean: null, std: null, min: null, max: null, nanCount: 3 };
const weight = record("output.weight", { kind: "parameter", updateToData: 0.001 });

/** A falling loss with noise, as of small batches. */
function noisyLosses(count: number, seed: number): { step: number; loss: number }[] {
  const rng = new Rng(seed);
  return Array.from({ length: count }, (_, step) => ({ step, loss: 2 + 1.3 * 0.99 ** step + 0.15 * rng.normal() }));
}

describe("firstBad", () => {
  it("goes from parameters through the taps to the loss, and back with the gradients", () => {
    const bad = { ...sick, gradient: sick };
    const healthy = [record("a"), record("b"), weight];
    expect(firstBad(healthy)).toBeUndefined();
    expect(firstBad([record("a"), record("b", bad), record("c", bad)])).toMatchObject({ name: "b", part: "value" });
    const gradients = [record("a", { gradient: sick }), record("b", { gradient: sick }), weight];
    expect(firstBad(gradients)).toMatchObject({ name: "b", part: "gradient" });
    expect(firstBad([record("a", bad), { ...weight, ...bad }])).toMatchObject({ name: "output.weight", part: "value" });
  });

  it("is the parameter with the largest gradient, where every element is finite and the norm of all is not", () => {
    const gradient = { ...statistics, max: 3e31, std: null };
    const records = [
      record("a", { gradient }),
      { ...weight, name: "first", gradient },
      { ...weight, name: "second", gradient },
    ];
    const first = firstBad([...records, weight]);
    expect(first).toMatchObject({ name: "second", part: "gradient", nanCount: 0, infinityCount: 0 });
    expect(first && describeBad(first)).toBe(
      "the gradient of second (the largest: each element is a number, and the norm of all gradients overflows)",
    );
    // Sums of squares of 99 * 4e36 + 100 * 1e34 = 3.97e38 > 3.4e38, half as much in each of two.
    const half = { ...statistics, mean: 1e17, std: Math.sqrt(2e36) };
    const named = (name: string, std: number) => ({ ...weight, name, gradient: { ...half, std } });
    expect(firstBad([named("small", 1), named("a", half.std)])).toBeUndefined();
    expect(firstBad([named("a", 1.001 * half.std), named("b", half.std)])).toMatchObject({ name: "a", nanCount: 0 });
    // The deviation of a single number is no number either.
    expect(firstBad([{ ...weight, gradient: { ...gradient, count: 1 } }])).toBeUndefined();
  });

  it("is described with its counts", () => {
    const first = firstBad([record("hidden", { gradient: { ...sick, infinityCount: 1 } })]);
    expect(first && describeBad(first)).toBe("the gradient of hidden (3 NaN and 1 infinite of 100 elements)");
  });
});

describe("diagnose", () => {
  it("says nothing where there is nothing to say", () => {
    expect(diagnose({ losses: [], statistics: [] })).toEqual([]);
    expect(diagnose({ losses: noisyLosses(3, 1), statistics: [{ step: 0, records: [] }], vocabSize: 27 })).toEqual([]);
  });

  it("takes the noise of batches for what it is", () => {
    for (let seed = 0; seed < 50; seed++)
      expect(diagnose({ losses: noisyLosses(400, seed), statistics: [] })).toEqual([]);
  });

  it("sees a spike, and where it is", () => {
    const losses = noisyLosses(100, 1).with(60, { step: 60, loss: 4.6 });
    expect(diagnose({ losses, statistics: [] })).toMatchObject([{ code: "loss-spike", step: 60, where: "loss" }]);
  });

  it("sees a loss that rises, and no learning rate that is too low in a run that has converged", () => {
    const rising = Array.from({ length: 100 }, (_, step) => ({ step, loss: 3.3 + step / 20 }));
    expect(diagnose({ losses: rising, statistics: [] })).toMatchObject([{ code: "learning-rate-too-high" }]);
    const slow = { step: 0, records: [{ ...weight, updateToData: 1e-5 }] };
    expect(diagnose({ losses: noisyLosses(400, 1), statistics: [slow] })).toEqual([]);
    const still = Array.from({ length: 100 }, (_, step) => ({ step, loss: 3.3 }));
    expect(diagnose({ losses: still, statistics: [slow] })).toMatchObject([
      { code: "learning-rate-too-low", step: 99 },
    ]);
  });

  it("names the first tensor that went bad, or the loss where nothing was watched", () => {
    const losses = [
      { step: 0, loss: 3.3 },
      { step: 1, loss: null },
    ];
    expect(diagnose({ losses, statistics: [] })).toMatchObject([
      { code: "not-a-number", severity: "error", where: "loss", step: 1, message: "the loss is not a finite number" },
    ]);
    const lines = [
      { step: 0, records: [record("a")] },
      { step: 1, records: [record("a", sick)] },
    ];
    expect(diagnose({ losses, statistics: lines })).toMatchObject([
      { code: "not-a-number", where: "a", step: 1, message: "a (3 NaN of 100 elements) went bad first" },
    ]);
  });

  it("sees no spike in a loss that is not a number, however it is written", () => {
    for (const loss of [null, NaN, Infinity]) {
      const losses = noisyLosses(100, 1).with(60, { step: 60, loss: loss as number });
      expect(diagnose({ losses, statistics: [] }).map(({ code, step }) => [code, step])).toEqual([
        ["not-a-number", 60],
      ]);
    }
  });

  it("reports each kind once, at the step where it first shows, earlier ones first", () => {
    const at = (step: number, changes: Partial<StatisticsRecord>) => ({ step, records: [record("hidden", changes)] });
    const lines = [at(0, {}), at(10, { dead: 0.5 }), at(20, { saturated: 0.8, dead: 0.9 })];
    expect(diagnose({ losses: [], statistics: lines }).map(({ code, step }) => [code, step])).toEqual([
      ["dead-units", 10],
      ["saturated-units", 20],
    ]);
  });

  it("judges the gradient from the last layer of a kind to the first", () => {
    const chain = [1e-6, 1e-4, 1e-3].map((std, index) =>
      record(`hidden.${index}`, { gradient: { ...statistics, std } }),
    );
    expect(diagnose({ losses: [], statistics: [{ step: 0, records: chain }] })).toMatchObject([
      {
        code: "vanishing-gradients",
        where: "hidden.0",
        message:
          "the gradient shrinks on its way back, from a standard deviation of 0.001 (hidden.2) to 0.000001 (hidden.0)",
      },
    ]);
  });
});
