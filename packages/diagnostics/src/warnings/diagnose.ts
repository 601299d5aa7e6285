/**
 * What is wrong with a run, in words: causes before their consequences.
 *
 * The thresholds stand between what healthy runs show and what broken ones do; each says what it was measured on, and
 * the tests of this package and of the trainer measure them again.
 */

import { notANumber } from "./firstBad.ts";
import { layerWarnings } from "./layers.ts";
import { learningRateTooHigh, learningRateTooLow, lossSpike, outputTooLarge } from "./learning.ts";
import type { RunHistory, RunWarning, WarningCode } from "./warning.ts";

/** Of several that show at the same step, the one that comes first is more likely the cause of the others. */
const order: readonly WarningCode[] = [
  "not-a-number",
  "no-fan-in-scaling",
  "saturated-units",
  "dead-units",
  "exploding-gradients",
  "vanishing-gradients",
  "output-too-large",
  "learning-rate-too-high",
  "learning-rate-too-low",
  "loss-spike",
];

/**
 * The warnings of a run so far, by the step at which they first show, one of each kind; none for a healthy run.
 *
 * @param history - What was measured; where there are no statistics, the losses alone are judged.
 *
 * @example
 * ```ts
 * const losses = [{ step: 0, loss: 27.3 }];
 * const [{ code, message, cure }] = diagnose({ losses, statistics: [], vocabSize: 27 });
 * // output-too-large: the first loss is 27.3, where a model that knows nothing has ln 27 = 3.3
 * ```
 */
export function diagnose(history: RunHistory): RunWarning[] {
  const { losses, statistics } = history;
  const ill = [notANumber(losses, statistics), ...statistics.flatMap(layerWarnings)].filter(isGiven);
  const found = [
    ...ill,
    outputTooLarge(history),
    learningRateTooHigh(history, ill),
    learningRateTooLow(history, ill),
    lossSpike(history),
  ].filter(isGiven);
  const rank = ({ code }: RunWarning): number => order.indexOf(code);
  const sorted = found.toSorted((a, b) => a.step - b.step || rank(a) - rank(b));
  return sorted.filter(({ code }, index) => sorted.findIndex((other) => other.code === code) === index);
}

function isGiven(warning: RunWarning | undefined): warning is RunWarning {
  return warning !== undefined;
}
