/**
 * From a preset and what the user changes to a complete configuration.
 */

import { availableParallelism } from "node:os";
import { UsageError } from "../usageError.ts";
import { rechoose } from "./configChoices.ts";
import { withLoraDefaults } from "./loraChoices.ts";
import { nearest } from "./nearest.ts";
import { type Preset, type PresetName, presetNames, presets } from "./presets.ts";
import { checkTrainConfig, laterKeys, type TrainConfig } from "./trainConfig.ts";

/** Of a tokenizer that is learned from the text: about as many as a small model on a book has use for. */
const DEFAULT_VOCAB_SIZE = 1024;

/**
 * The complete configuration of a preset with changes.
 *
 * Keys that nobody gives follow from the others: `decaySteps = maxSteps` (half of it where the rate drops; in proportion where the
 * preset has its own), `minLearningRate = learningRate / 10` (or `learningRate` where the schedule is constant, 0 where it is linear or wsd), `threads` the
 * cores at hand, `vocabSize` 1024 where the tokenizer is bpe, the keys of LoRA where its rank is above 0, and the keys of another
 * model or optimizer than the preset's. A preset's warm-up that does not fit in `decaySteps` becomes a tenth of them.
 *
 * @param changes - Any keys; `preset` names where to start. @defaultValue preset "quickstart"
 * @throws UsageError for an unknown preset or key, a value out of range, or values at odds.
 */
export function resolveConfig(changes: Partial<TrainConfig> = {}): TrainConfig {
  const name = changes.preset ?? "quickstart";
  const preset = presetNamed(name);
  const { config: given }: Preset = presets[preset];
  const base = { ...laterKeys, ...given };
  const merged = {
    threads: availableParallelism(),
    ...rechoose(base, changes),
    ...changes,
    preset,
  };
  const { learningRate, schedule } = merged;
  const decaySteps = changes.decaySteps ?? decayStepsOf(base, merged);
  const vocabSize = merged.tokenizer === "bpe" ? (changes.vocabSize ?? DEFAULT_VOCAB_SIZE) : changes.vocabSize;
  const config = {
    ...merged,
    ...(vocabSize !== undefined && { vocabSize }),
    decaySteps,
    minLearningRate: changes.minLearningRate ?? lowestRate(schedule, learningRate),
    warmupSteps:
      changes.warmupSteps ?? (merged.warmupSteps < decaySteps ? merged.warmupSteps : Math.floor(decaySteps / 10)),
  };
  return checkTrainConfig(withLoraDefaults(config));
}

/** Where the learning rate ends its way, or drops, in a run of `maxSteps`. */
function decayStepsOf(
  base: Preset["config"],
  { maxSteps, schedule }: { maxSteps: number; schedule: TrainConfig["schedule"] },
): number {
  if (base.decaySteps !== undefined && schedule === base.schedule) {
    return Math.max(1, Math.floor((base.decaySteps / base.maxSteps) * maxSteps));
  }
  return schedule === "step" ? Math.max(1, Math.floor(maxSteps / 2)) : maxSteps;
}

function presetNamed(name: string): PresetName {
  const known = presetNames.find((preset) => preset === name);
  if (known !== undefined) return known;
  const near = nearest(name, presetNames);
  throw new UsageError(
    `expected a preset that \`presets\` lists, got ${JSON.stringify(name)}${near === undefined ? "" : `: did you mean ${near}?`}`,
  );
}

/** The rate at the end: the schedules that fall along a line end at nothing, where they end best. */
function lowestRate(schedule: TrainConfig["schedule"], learningRate: number): number {
  if (schedule === "constant") return learningRate;
  return schedule === "linear" || schedule === "wsd" ? 0 : tenth(learningRate);
}

/** A tenth as a person would write it: 3e-3 gives 3e-4, where a division gives 3.0000000000000003e-4. */
function tenth(value: number): number {
  return Number((value / 10).toPrecision(12));
}
