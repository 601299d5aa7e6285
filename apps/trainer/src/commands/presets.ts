/**
 * `llm-learning presets`: the named configurations.
 */

import type { Command } from "commander";
import { presetNames, presets } from "../config/presets.ts";
import { resolveConfig } from "../config/resolveConfig.ts";
import type { TrainConfig } from "../config/trainConfig.ts";

export function registerPresets(program: Command): void {
  program
    .command("presets")
    .description("list the named configurations that `train --preset` takes")
    .option("--json", "print one JSON document, with every key of every preset")
    .action(({ json }: { json?: boolean }) => {
      process.stdout.write(json === true ? `${JSON.stringify(listPresets(), null, 2)}\n` : describePresets());
    });
}

function listPresets(): Record<string, { description: string; config: TrainConfig }> {
  return Object.fromEntries(
    presetNames.map((preset) => [
      preset,
      { description: presets[preset].description, config: resolveConfig({ preset }) },
    ]),
  );
}

function describePresets(): string {
  return Object.entries(listPresets())
    .map(([name, { description, config }]) => {
      const { nLayer, nHead, nEmbd, blockSize, batchSize, dropout, maxSteps, learningRate } = config;
      const { minLearningRate, schedule, warmupSteps, activation } = config;
      const rate =
        schedule === "cosine" ? `${learningRate} to ${minLearningRate}, warm-up ${warmupSteps}` : learningRate;
      return (
        `${name}\n  ${description}\n` +
        `  ${nLayer} layers, ${nHead} heads, ${nEmbd} wide, context ${blockSize}, ${activation}, dropout ${dropout}; ` +
        `${maxSteps} steps of ${batchSize} windows, learning rate ${rate}\n`
      );
    })
    .join("\n");
}
