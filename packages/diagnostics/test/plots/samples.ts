// One call of every plot, small enough to be checked by eye and with every kind of trouble in the data.

import {
  activationDistribution,
  gradientDistribution,
  gradientNormCurve,
  learningRateFinder,
  learningRateSchedule,
  lossCurve,
  type PlotOptions,
  updateRatio,
  weightGradientDistribution,
} from "@llm-learning/diagnostics";

/** Names that a hostile file could bring into a plot. */
export const hostile = [
  '</text><script>alert("1")</script>',
  "a & b < c > d ' e \" f",
  "]]><!-- -->",
  "null \u0000 bell \u0007 lone \uD800 turned \u202E around",
  "x".repeat(3000),
  "한국어 😀",
  "",
];

const bell = (width: number) => {
  const edges = Array.from({ length: 33 }, (_, i) => ((i - 16) / 16) * width);
  const counts = Array.from({ length: 32 }, (_, i) => Math.round(1000 * Math.exp(-(((i - 15.5) / 6) ** 2))));
  return { edges, counts };
};
const wave = (length: number, f: (i: number) => number) => Float64Array.from({ length }, (_, i) => f(i));
const losses = wave(5000, (i) => 2 + 1.3 * Math.exp(-i / 700) + 0.2 * Math.sin(i * 12.9898) ** 3);
losses.set([NaN, Infinity, 0, -1], 2000);

/** Draws every plot with the given options and names. */
export function samples(names: readonly string[]): Record<string, (options: PlotOptions) => string> {
  const layers = names.map((label, i) => ({ label, histogram: bell(1 + i), mean: i / 7, std: 1e-9, saturated: 0.02 }));
  const rates = wave(400, (i) => 10 ** (-3 + (3 * i) / 399));
  return {
    lossCurve: (options) => {
      const validation = { steps: [0, 2500, 4999], values: [3.3, NaN, 2.1] };
      return lossCurve({ train: { values: losses }, validation }, options);
    },
    lossCurveInNats: (options) => lossCurve({ train: { values: [3.3, 2.9, 2.6] } }, { ...options, scale: "linear" }),
    allNaN: (options) => lossCurve({ train: { values: [NaN, NaN] } }, options),
    gradientNormCurve: (options) => gradientNormCurve({ values: losses }, { ...options, clip: 1 }),
    learningRateSchedule: (options) =>
      learningRateSchedule({ values: wave(100, (i) => 1e-3 * (1 - i / 100)) }, options),
    learningRateFinder: (options) => {
      const exploding = rates.map((rate, i) => (i === 399 ? Infinity : 3 - rate + Math.exp(rate * 12 - 6)));
      return learningRateFinder({ learningRates: rates, losses: exploding, suggested: 0.1 }, options);
    },
    updateRatio: (options) =>
      updateRatio(
        names.map((label, i) => ({ label, values: wave(500, (step) => (step === 3 ? 0 : 1e-3 * (1 + i))) })),
        options,
      ),
    activationDistribution: (options) => activationDistribution(layers, options),
    gradientDistribution: (options) => gradientDistribution(layers, options),
    weightGradientDistribution: (options) =>
      weightGradientDistribution(
        layers.map((layer) => ({ ...layer, gradToData: Infinity })),
        options,
      ),
  };
}
