/**
 * Which keys of a configuration decide what a run learns, and a hash of them that a checkpoint carries.
 */

import { createHash } from "node:crypto";
import { UsageError } from "../usageError.ts";
import {
  checkTrainConfig,
  laterKeys,
  laterOf,
  type TrainConfig,
  type TrainConfigKey,
  trainConfigKeys,
} from "./trainConfig.ts";

/**
 * Keys that a run may change when it is resumed: where it ends, how often it writes, how many threads compute and what
 * they compute again, what it prints at the end. None of them changes a bit of what comes before. `data` may have moved; its content is compared.
 */
const resumableKeys: readonly TrainConfigKey[] = [
  "data",
  "maxSteps",
  "threads",
  "activationCheckpointing",
  "logInterval",
  "checkpointInterval",
  "watchInterval",
  "sampleCount",
  "sampleInterval",
  "sampleTokens",
  "temperature",
];

/**
 * SHA-256 of the keys that decide what a run learns, `preset` aside: it is only where the others came from. Keys that came later
 * are left out where they have the value that there was before them, so that old checkpoints keep their hash.
 */
export function configHash(config: TrainConfig): string {
  const before: Partial<TrainConfig> = { ...laterKeys, ...laterOf(config.model) };
  const deciding = trainConfigKeys
    .filter((key) => key !== "preset" && !resumableKeys.includes(key))
    .filter((key) => before[key] === undefined || !isSame(config[key], before[key]))
    .toSorted();
  const values = deciding.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]]));
  return createHash("sha256").update(JSON.stringify(values)).digest("hex");
}

/**
 * The configuration with which a run goes on.
 *
 * @param config - The run's own.
 * @param changes - What the user gives with `--resume`.
 * @throws UsageError for a change that would make it another run, or a configuration that no run can have.
 */
export function resumedConfig(config: TrainConfig, changes: Partial<TrainConfig>): TrainConfig {
  for (const key of trainConfigKeys) {
    const value = changes[key];
    if (value === undefined || isSame(value, config[key]) || resumableKeys.includes(key)) continue;
    const own = config[key];
    throw new UsageError(
      `expected ${own === undefined ? `no ${key}` : `${key} ${JSON.stringify(own)}`}, as the run to be resumed has it, got ` +
        `${JSON.stringify(value)}: leave it out, or begin another run without --resume`,
    );
  }
  return checkTrainConfig({ ...config, ...changes, preset: config.preset });
}

/** Whether two values are the same; a few are objects. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
