/**
 * Choices that bring keys of their own: the model, the optimizer and its schedule, averages, and whether lines are documents. A key that belongs to
 * another choice is refused rather than passed over: whoever writes it believes that it does something.
 */

import { modelKinds } from "../model/modelKinds.ts";
import { UsageError } from "../usageError.ts";
import type { TrainConfig, TrainConfigKey } from "./trainConfig.ts";

type Values = Partial<TrainConfig>;

const moments = { beta1: 0.9, beta2: 0.999, eps: 1e-8 } as const satisfies Values;

type Choice = "model" | "optimizer" | "schedule" | "averaging" | "lines";

/** The keys of each choice, with the values that they have where no preset says otherwise. */
const choices: Readonly<Record<Choice, Readonly<Record<string, Values>>>> = {
  model: Object.fromEntries(Object.entries(modelKinds).map(([name, { defaults }]) => [name, defaults])),
  optimizer: {
    adamw: moments,
    adam: moments,
    sgd: { momentum: 0, nesterov: false },
    lion: { beta1: 0.9, beta2: 0.99 },
    muon: { ...moments, beta2: 0.95, momentum: 0.95, nesterov: true, muonSteps: 5, muonScale: "match-rms-adamw" },
  },
  schedule: {
    cosine: {},
    linear: {},
    wsd: { cooldownFraction: 0.2, cooldownShape: "linear" },
    step: {},
    constant: {},
  },
  averaging: { none: {}, ema: { averageDecay: 0.999 }, tail: { averageFraction: 0.25 } },
  lines: { false: {}, true: { splitSeed: 42, testFraction: 0.1 } },
};

/**
 * The values of `base` as they are where other choices are made: without the keys of what was chosen there, and with the usual
 * values of what is chosen now.
 */
export function rechoose<Base extends Values>(base: Base, changes: Values): Base {
  const result: Record<string, unknown> = { ...base };
  for (const [choice, options] of Object.entries(choices) as [Choice, Record<string, Values>][]) {
    const chosen = changes[choice];
    if (chosen === undefined || chosen === base[choice]) continue;
    for (const key of Object.keys(options[String(base[choice])] ?? {})) delete result[key];
    Object.assign(result, options[String(chosen)], { [choice]: chosen });
  }
  return result as Base;
}

/**
 * @param expectedValue - What a key's value should be, in words.
 * @throws UsageError for a key of another choice than the one made, or one that is missing.
 */
export function checkChoices(config: TrainConfig, expectedValue: (key: TrainConfigKey) => string): void {
  for (const [choice, options] of Object.entries(choices) as [Choice, Record<string, Values>][]) {
    const chosen = String(config[choice]);
    const own = Object.keys(options[chosen]) as TrainConfigKey[];
    const missing = own.find((key) => config[key] === undefined);
    if (missing !== undefined) throw new UsageError(`expected ${missing} to be ${expectedValue(missing)}, got nothing`);
    const others = new Set(Object.values(options).flatMap((values) => Object.keys(values) as TrainConfigKey[]));
    for (const key of others) {
      if (own.includes(key) || config[key] === undefined) continue;
      const owners = Object.keys(options).filter((name) => Object.hasOwn(options[name], key));
      throw new UsageError(
        `expected ${key} only with ${choice} ${owners.join(", ")}, got ${JSON.stringify(config[key])} with ${choice} ${chosen}`,
      );
    }
  }
}
