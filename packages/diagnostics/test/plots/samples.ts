// One call of every plot, small enough to be checked by eye and with every kind of trouble in the data.

import {
  activationDistribution,
  attentionGraph,
  attentionMap,
  bigramHeatmap,
  deadNeuronMatrix,
  embeddingScatter,
  gradientDistribution,
  gradientNormCurve,
  histogramsOverTime,
  learningRateFinder,
  learningRateSchedule,
  lossCurve,
  type PlotOptions,
  reliabilityDiagram,
  stepCurve,
  tokenLoss,
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
const losses = wave(2000, (i) => 2 + 1.3 * Math.exp(-i / 700) + 0.2 * Math.sin(i * 12.9898) ** 3);
losses.set([NaN, Infinity, 0, -1], 1000);

/** Draws every plot with the given options and names. */
export function samples(names: readonly string[]): Record<string, (options: PlotOptions) => string> {
  const layers = names.map((label, i) => ({ label, histogram: bell(1 + i), mean: i / 7, std: 1e-9, saturated: 0.02 }));
  const rates = wave(400, (i) => 10 ** (-3 + (3 * i) / 399));
  return {
    lossCurve: (options) => {
      const validation = { steps: [0, 1000, 1999], values: [3.3, NaN, 2.1] };
      return lossCurve({ train: { values: losses }, validation }, options);
    },
    lossCurveInNats: (options) => lossCurve({ train: { values: [3.3, 2.9, 2.6] } }, { ...options, scale: "linear" }),
    lossCurveBesideBaselines: (options) => {
      const data = { train: { values: losses }, trainEvaluated: { values: losses } };
      const baselines = [
        { label: names[0], loss: 2.2 },
        { label: "6-gram", loss: 2.19 },
      ];
      return lossCurve({ ...data, baselines, marks: [{ label: names[1], step: 1990 }] }, options);
    },
    stepCurve: (options) => stepCurve({ values: losses }, { ...options, label: "tokens per second" }),
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
        layers.map((layer) => ({ ...layer, gradientToData: Infinity })),
        options,
      ),
    deadNeuronMatrix: (options) => {
      const activations = wave(1500, (i) => (i % 50 === 7 ? 1 : Math.sin(i * 7.3)));
      activations[3] = NaN;
      return deadNeuronMatrix({ activations, neurons: 50 }, options);
    },
    histogramsOverTime: (options) => {
      const histograms = Array.from({ length: 300 }, (_, i) => bell(1 + i / 300));
      return histogramsOverTime({ label: names[0], steps: wave(300, (i) => i * i), histograms }, options);
    },
    bigramHeatmap: (options) => {
      const counts = Float64Array.from({ length: names.length ** 2 }, (_, i) => i * 1000);
      return bigramHeatmap({ counts, tokens: names }, options);
    },
    bigramHeatmapOfCharacters: (options) => {
      return bigramHeatmap(
        { counts: wave(27 * 27, (i) => (i * i) % 6763), tokens: [..."\nabcdefghijklmnopqrstuvwxyz"] },
        options,
      );
    },
    embeddingScatter: (options) => {
      const embedding = wave(names.length * 3, (i) => (i === 4 ? NaN : Math.sin(i * 3.7)));
      return embeddingScatter({ embedding, tokens: names }, { ...options, dimensions: [2, 1] });
    },
    embeddingScatterOfCharacters: (options) => {
      return embeddingScatter(
        { embedding: wave(52, (i) => Math.sin(i * 3.7)), tokens: [..."abcdefghijklmnopqrstuvwxyz"] },
        options,
      );
    },
    attentionMap: (options) => {
      const probabilities = wave(3 * names.length ** 2, (i) => (i === 5 ? NaN : 1 / (1 + i)));
      return attentionMap({ probabilities, tokens: names, heads: names.slice(0, 3) }, options);
    },
    attentionMapOfManyTokens: (options) => {
      const tokens = Array.from({ length: 64 }, (_, i) => names[i % names.length]);
      return attentionMap({ probabilities: wave(2 * 64 * 64, (i) => ((i * 31) % 97) / 97), tokens }, options);
    },
    attentionGraph: (options) => {
      const edges = names.flatMap((_, from) => names.slice(from).map((_, i): [number, number] => [from, from + i]));
      return attentionGraph({ nodes: names, edges }, options);
    },
    attentionGraphOnCircle: (options) => {
      const edges: [number, number][] = [
        [0, 1],
        [1, 0],
        [2, 2],
        [3, 0],
        [0, 4],
      ];
      return attentionGraph({ nodes: names, edges }, { ...options, layout: "circle" });
    },
    tokenLoss: (options) => {
      const tokens = Array.from({ length: 1200 }, (_, i) =>
        i % 40 === 39 ? "\n" : names[i % names.length].slice(0, 40),
      );
      const losses = wave(1200, (i) => (i === 0 ? NaN : i === 50 ? Infinity : (i * 37) % 11));
      return tokenLoss({ tokens, losses }, options);
    },
    reliabilityDiagram: (options) => {
      const confidence = wave(300, (i) => i / 300);
      return reliabilityDiagram({ confidence, correct: confidence.map((_, i) => Number((i * 7) % 300 < i)) }, options);
    },
  };
}
