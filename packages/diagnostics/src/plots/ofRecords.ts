/**
 * From the statistics of one step to what the distribution plots take.
 *
 * A value that a record does not have (`null`, because of a NaN or an infinity) becomes NaN here, and is shown as that.
 */

import type { StatisticsRecord } from "../statistics/record.ts";
import type { ActivationSummary } from "./activationDistribution.ts";
import type { GradientSummary } from "./gradientDistribution.ts";
import type { WeightGradientSummary } from "./weightGradientDistribution.ts";

/** The tapped values, for `activationDistribution`; attention probabilities have a plot of their own. */
export function activationSummaries(records: readonly StatisticsRecord[]): ActivationSummary[] {
  return records.filter(isActivation).map(({ name, histogram, mean, std, saturated }) => {
    const summary = { label: name, histogram, mean: mean ?? NaN, std: std ?? NaN };
    return saturated === null ? summary : { ...summary, saturated };
  });
}

/** The gradients of the tapped values, for `gradientDistribution`. */
export function gradientSummaries(records: readonly StatisticsRecord[]): GradientSummary[] {
  return records.filter(isActivation).flatMap(({ name, gradient }) => {
    if (gradient === null) return [];
    const { histogram, mean, std } = gradient;
    return [{ label: name, histogram, mean: mean ?? NaN, std: std ?? NaN }];
  });
}

/** The gradients of the parameters, for `weightGradientDistribution`. */
export function weightGradientSummaries(records: readonly StatisticsRecord[]): WeightGradientSummary[] {
  return records.flatMap(({ name, kind, gradient, gradientToData }) => {
    if (kind !== "parameter" || gradient === null) return [];
    const { histogram, mean, std } = gradient;
    return [{ label: name, histogram, mean: mean ?? NaN, std: std ?? NaN, gradientToData: gradientToData ?? NaN }];
  });
}

function isActivation({ kind }: StatisticsRecord): boolean {
  return kind !== "parameter" && kind !== "attention";
}
