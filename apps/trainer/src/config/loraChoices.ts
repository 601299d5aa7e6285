/**
 * The keys of LoRA: which a configuration has where its rank is above 0, and which layers of which model they can name.
 */

import { UsageError } from "../usageError.ts";
import type { TrainConfig } from "./trainConfig.ts";

/** Layers of a block by model, under the names of their groups. */
const layers: Partial<Record<TrainConfig["model"], Readonly<Record<string, readonly string[]>>>> = {
  gpt: { attention: ["qkv", "output"], mlp: ["expand", "project"] },
  llama: { attention: ["query", "key", "value", "output"], mlp: ["gate", "up", "down"] },
};

const keys = ["loraAlpha", "loraDropout", "loraTargets"] as const;

type LoraKeys = Pick<TrainConfig, "loraRank" | (typeof keys)[number]>;

/** `config` with the usual values of the keys that a rank above 0 brings. */
export function withLoraDefaults<Config extends LoraKeys>(config: Config): Config {
  const { loraRank } = config;
  return loraRank > 0 ? { loraAlpha: 2 * loraRank, loraDropout: 0, loraTargets: "all", ...config } : config;
}

/** @throws UsageError for a model that has no such layers, a key that is missing or has no use, or a layer that is not there. */
export function checkLora(config: TrainConfig): void {
  const { loraRank, model } = config;
  if (loraRank === 0) {
    const given = keys.find((key) => config[key] !== undefined);
    if (given === undefined) return;
    throw new UsageError(`expected ${given} only with loraRank above 0, got ${JSON.stringify(config[given])}`);
  }
  if (layers[model] === undefined) {
    throw new UsageError(
      `expected loraRank 0, or model ${Object.keys(layers).join(" or ")}, got ${loraRank} with ${model}`,
    );
  }
  const missing = keys.find((key) => config[key] === undefined);
  if (missing !== undefined) throw new UsageError(`expected ${missing} with loraRank ${loraRank}, got nothing`);
  loraTargets(config);
}

/**
 * The layers that a configuration with LoRA names.
 *
 * @throws UsageError for a name that is no layer of the model's.
 */
export function loraTargets({ model, mlp, loraTargets: list = "all" }: TrainConfig): string[] {
  const groups = layers[model] ?? {};
  const all = Object.values(groups)
    .flat()
    // A squared ReLU has no gate.
    .filter((name) => name !== "gate" || mlp === "swiglu");
  const named = list.split(",").flatMap((part) => {
    const name = part.trim();
    if (name === "all") return all;
    const group = (Object.hasOwn(groups, name) ? groups[name] : [name]).filter((layer) => all.includes(layer));
    if (group.length > 0) return group;
    throw new UsageError(
      `expected loraTargets of all, ${[...Object.keys(groups), ...all].join(", ")}, got ${JSON.stringify(name)}`,
    );
  });
  return [...new Set(named)];
}

/** @throws UsageError where there is nothing whose weights could stay as they are. */
export function expectNoLora({ loraRank }: TrainConfig): void {
  if (loraRank === 0) return;
  throw new UsageError(
    `expected loraRank 0 where weights begin at random, got ${loraRank}: LoRA changes a trained model, which ` +
      "`import DIR --lora-rank` reads into a run",
  );
}
