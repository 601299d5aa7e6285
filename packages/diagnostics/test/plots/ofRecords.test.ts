import {
  activationDistribution,
  activationSummaries,
  gradientSummaries,
  type StatisticsRecord,
  weightGradientSummaries,
} from "@llm-learning/diagnostics";
import { expect, test } from "vitest";

const tensor = {
  count: 4,
  mean: 1,
  std: 2,
  min: 0,
  max: 4,
  nanCount: 0,
  infinityCount: 0,
  histogram: { counts: [3, 1], edges: [0, 2, 4] },
  quantiles: null,
};
const rest = { saturated: null, dead: null, gradientToData: null, updateToData: null, attention: null };
const lost = { ...tensor, mean: null, std: null, histogram: null, nanCount: 1 };
const records: StatisticsRecord[] = [
  { ...tensor, ...rest, name: "hidden", kind: "tanh", gradient: lost, saturated: 0.25 },
  { ...lost, ...rest, name: "blocks.0", kind: "residual", gradient: null },
  { ...tensor, ...rest, name: "blocks.0.attention.probabilities", kind: "attention", gradient: null },
  { ...tensor, ...rest, name: "weight", kind: "parameter", gradient: { ...tensor, std: 0.02 }, gradientToData: 0.01 },
];

test("records of taps become activations and their gradients", () => {
  const { histogram } = tensor;
  expect(activationSummaries(records)).toEqual([
    { label: "hidden", histogram, mean: 1, std: 2, saturated: 0.25 },
    { label: "blocks.0", histogram: null, mean: NaN, std: NaN },
  ]);
  expect(gradientSummaries(records)).toEqual([{ label: "hidden", histogram: null, mean: NaN, std: NaN }]);
});

test("records of parameters become weight gradients", () => {
  const { histogram } = tensor;
  expect(weightGradientSummaries(records)).toEqual([
    { label: "weight", histogram, mean: 1, std: 0.02, gradientToData: 0.01 },
  ]);
});

test("a plot says which layers it cannot draw", () => {
  const svg = activationDistribution(activationSummaries(records));
  expect(svg).toContain("× Not drawn, for they hold NaN or infinities: blocks.0.");
});
