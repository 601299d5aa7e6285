/**
 * Warnings about single layers and about how layers follow one another: saturation, dead units, growth and decay with depth.
 */

import type { StatisticsRecord } from "../statistics/record.ts";
import { figure, percent, type RunWarning, type StatisticsLine } from "./warning.ts";

/**
 * Share of saturated elements. Kaiming's gain of 5/3 saturates 21 % of a first tanh layer and training adds to it; a gain of 3 makes 48 %,
 * the lecture's unscaled weights 70 %.
 */
const MOST_SATURATED = 0.45;

/** Share of dead units in a relu layer; a batch of 32 finds 47 % in the fifteenth layer of a healthy plain stack, by chance. */
const MOST_DEAD_RELU = 0.65;

/** Share of dead units in a tanh or sigmoid layer: a healthy one has none. */
const MOST_DEAD_TANH = 0.2;

/**
 * Growth or decay of the standard deviation from a layer to the next, on geometric average. Weights of N(0, 1) have a gain of
 * sqrt(fanIn), 10 for 100 inputs, halved by a relu; a wrong gain alone, such as relu's on linear layers, makes 1.4, PyTorch's default 0.4.
 */
const LARGEST_FACTOR = 3;

/** Growth or decay of the gradient from the last layer to the first. Healthy stacks of 5 to 20 layers stay within 10. */
const LARGEST_GROWTH = 100;

const nonlinear: readonly string[] = ["tanh", "sigmoid", "relu", "gelu", "activation"];

/** The warnings about layers at one step. */
export function layerWarnings({ step, records }: StatisticsLine): RunWarning[] {
  const chains = [...nonlinear, "residual"].map((kind) => records.filter((record) => record.kind === kind));
  const found = [
    ...chains.map((chain) => scaling(chain)),
    saturation(records),
    death(records),
    ...chains.map((chain) => gradientGrowth(chain)),
  ];
  return found.flatMap((warning) => (warning === undefined ? [] : [{ severity: "warning", step, ...warning }]));
}

type Found = Omit<RunWarning, "step" | "severity">;

function scaling(chain: readonly StatisticsRecord[]): Found | undefined {
  // A residual stream adds up what its branches give; it may grow. A layer whose units are dead has another illness.
  if (chain.length < 2 || chain[0].kind === "residual" || chain.some(isDead)) return undefined;
  const [first, last] = [chain[0], chain[chain.length - 1]];
  const factor = ((last.std ?? 0) / (first.std ?? 0)) ** (1 / (chain.length - 1));
  if (!Number.isFinite(factor) || factor === 0) return undefined;
  if (factor <= LARGEST_FACTOR && factor >= 1 / LARGEST_FACTOR) return undefined;
  const verb = factor > 1 ? "grows" : "shrinks";
  const by = figure(factor > 1 ? factor : 1 / factor);
  return {
    code: "no-fan-in-scaling",
    where: last.name,
    message: `the standard deviation ${verb} ${by} times from layer to layer, from ${figure(first.std as number)} (${first.name}) to ${figure(last.std as number)} (${last.name})`,
    cure: "scale each weight by gain / sqrt(fanIn), as kaimingNormal does, or normalize after each weight layer",
  };
}

function saturation(records: readonly StatisticsRecord[]): Found | undefined {
  const worst = greatest(records, ({ saturated }) => saturated ?? 0);
  if (worst === undefined || (worst.saturated ?? 0) <= MOST_SATURATED) return undefined;
  return {
    code: "saturated-units",
    where: worst.name,
    message: `${percent(worst.saturated as number)} of the ${worst.kind} outputs of ${worst.name} are saturated, where hardly any gradient passes`,
    cure:
      "make the weights before it smaller (gain / sqrt(fanIn), 5/3 for tanh) or normalize its inputs; " +
      "if it came during training, lower the learning rate",
  };
}

function isDead({ kind, dead }: StatisticsRecord): boolean {
  return (dead ?? 0) > (kind === "relu" ? MOST_DEAD_RELU : MOST_DEAD_TANH);
}

function death(records: readonly StatisticsRecord[]): Found | undefined {
  const worst = greatest(records.filter(isDead), ({ dead }) => dead ?? 0);
  if (worst === undefined) return undefined;
  const state = worst.kind === "relu" ? "0" : "saturated";
  return {
    code: "dead-units",
    where: worst.name,
    message: `${percent(worst.dead as number)} of the ${worst.kind} units of ${worst.name} are ${state} for every example and learn nothing`,
    cure:
      "start the biases before it at 0 and scale its weights by gain / sqrt(fanIn); " +
      "if they died during training, lower the learning rate",
  };
}

function gradientGrowth(chain: readonly StatisticsRecord[]): Found | undefined {
  if (chain.length < 3 || chain.some(isDead)) return undefined;
  const [first, last] = [chain[0], chain[chain.length - 1]];
  const [early, late] = [first.gradient?.std ?? 0, last.gradient?.std ?? 0];
  if (late === 0 || (early <= LARGEST_GROWTH * late && early >= late / LARGEST_GROWTH)) return undefined;
  const grows = early > late;
  return {
    code: grows ? "exploding-gradients" : "vanishing-gradients",
    where: first.name,
    message:
      `the gradient ${grows ? "grows" : "shrinks"} on its way back, from a standard deviation of ${figure(late)} ` +
      `(${last.name}) to ${figure(early)} (${first.name})`,
    cure: grows
      ? "make the gain of each layer about 1 (smaller weights), normalize, add residual paths; clipping gradients treats the symptom"
      : "make the gain of each layer about 1 (larger weights), normalize, or add residual paths",
  };
}

function greatest(
  records: readonly StatisticsRecord[],
  value: (record: StatisticsRecord) => number,
): StatisticsRecord | undefined {
  return records.reduce<StatisticsRecord | undefined>(
    (best, record) => (best === undefined || value(record) > value(best) ? record : best),
    undefined,
  );
}
