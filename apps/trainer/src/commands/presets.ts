/**
 * `llm-learning presets`: the named configurations.
 */

import type { Command } from "commander";
import { cooldownSteps } from "../config/optimizationChoices.ts";
import { presetGroups, type PresetName, presetNames, presets } from "../config/presets.ts";
import { resolveConfig } from "../config/resolveConfig.ts";
import type { TrainConfig, TrainConfigKey } from "../config/trainConfig.ts";
import { modelKinds } from "../model/modelKinds.ts";

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
  return Object.entries(presetGroups)
    .map(([heading, names]) => `${heading}\n\n${names.map(describePreset).join("")}`)
    .join("\n");
}

function describePreset(name: PresetName): string {
  const config = resolveConfig({ preset: name });
  return `  ${name}\n    ${presets[name].description}\n    ${describeModel(config)}; ${describeTraining(config)}\n`;
}

/** The model's own keys: `mlp: context 3, nEmbd 10, nHidden 200, init kaiming`. */
function describeModel(config: TrainConfig): string {
  const { model, blockSize } = config;
  if (model === "gpt") {
    const { nLayer, nHead, nEmbd, activation, dropout } = config;
    return `${nLayer} layers, ${nHead} heads, ${nEmbd} wide, context ${blockSize}, ${activation}, dropout ${dropout}`;
  }
  if (model === "llama") return describeLlama(config);
  const keys = Object.keys(modelKinds[model].defaults) as TrainConfigKey[];
  return [`${model}: context ${blockSize}`, ...keys.map((key) => `${key} ${config[key]}`)].join(", ");
}

function describeLlama(config: TrainConfig): string {
  const { blockSize, nLayer, nHead, nKeyValueHead, nEmbd, mlp, qkNorm, dropout } = config;
  return (
    `llama: ${nLayer} layers, ${nHead} heads on ${nKeyValueHead === 0 ? nHead : nKeyValueHead} of keys, ${nEmbd} wide, ` +
    `context ${blockSize}, ${mlp}, ${qkNorm ? "norms of queries and keys, " : ""}dropout ${dropout}`
  );
}

const optimizerNames = {
  adamw: "",
  adam: "Adam, ",
  sgd: "SGD, ",
  lion: "Lion, ",
  muon: "Muon, ",
} as const satisfies Record<TrainConfig["optimizer"], string>;

const averageNames = {
  none: "",
  ema: ", an exponential average of the weights",
  tail: ", the mean of the last weights",
} as const satisfies Record<TrainConfig["averaging"], string>;

function describeTraining(config: TrainConfig): string {
  const { batchSize, lines, maxSteps, optimizer, averaging } = config;
  const { predicts } = modelKinds[config.model];
  const what = predicts === "last" ? "tokens" : lines ? "lines" : "windows";
  const batch = batchSize === 0 ? "all lines" : `${batchSize} ${what}`;
  const rates = `learning rate ${describeRates(config)}`;
  return `${maxSteps} steps of ${batch}, ${optimizerNames[optimizer]}${rates}${averageNames[averaging]}`;
}

function describeRates(config: TrainConfig): string {
  const { learningRate, minLearningRate, schedule, warmupSteps, decaySteps } = config;
  switch (schedule) {
    case "cosine":
      return `${learningRate} to ${minLearningRate}, warm-up ${warmupSteps}`;
    case "linear":
      return `${learningRate} to ${minLearningRate} along a line, warm-up ${warmupSteps}`;
    case "wsd":
      return `${learningRate}, in the last ${cooldownSteps(config)} steps to ${minLearningRate}, warm-up ${warmupSteps}`;
    case "step":
      return `${learningRate}, from step ${decaySteps} ${minLearningRate}`;
    case "constant":
      return `${learningRate}`;
  }
}
