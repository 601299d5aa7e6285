/**
 * The flags of a configuration: every key of the schema as `--kebab-case`, with its description, and the values back.
 */

import { type Command, Option } from "commander";
import { z } from "zod";
import { UsageError } from "../usageError.ts";
import {
  checkTrainConfigValue,
  type TrainConfig,
  type TrainConfigKey,
  trainConfigKeys,
  trainConfigSchema,
} from "./trainConfig.ts";

/** Headings of `--help`, each before the key it stands above. */
const headings: Partial<Record<TrainConfigKey, string>> = {
  preset: "Data:",
  model: "Model:",
  loraRank: "Fine-tuning:",
  maxSteps: "Training:",
  engine: "Machine:",
  evalInterval: "Watching:",
  sampleCount: "Samples:",
};

/** Adds a flag for every key of the configuration. */
export function addConfigFlags(command: Command): void {
  for (const key of trainConfigKeys) {
    const heading = headings[key];
    if (heading !== undefined) command.optionsGroup(heading);
    const schema = valueSchema(key);
    const { description } = trainConfigSchema.shape[key];
    const flag = flagOf(key);
    if (schema.type === "boolean") {
      command.addOption(new Option(`${flag} [true|false]`, description));
      command.addOption(new Option(`--no-${flag.slice(2)}`).hideHelp());
    } else {
      const { value, choices } = placeholder(schema);
      command.addOption(new Option(`${flag} <${value}>`, choices === "" ? description : `${description}: ${choices}`));
    }
  }
}

/**
 * The keys that were given as flags, checked one by one.
 *
 * @param options - What commander read.
 * @throws UsageError naming the flag whose value is not of its kind or out of range.
 */
export function readConfigFlags(options: Readonly<Record<string, unknown>>): Partial<TrainConfig> {
  const changes: Partial<Record<TrainConfigKey, unknown>> = {};
  for (const key of trainConfigKeys) {
    const given = options[key];
    if (given === undefined) continue;
    const value = typeof given === "string" ? parseValue(key, given) : given;
    checkTrainConfigValue(key, value, flagOf(key));
    changes[key] = value;
  }
  return changes as Partial<TrainConfig>;
}

/** `minLearningRate` as `--min-learning-rate`. */
function flagOf(key: TrainConfigKey): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function parseValue(key: TrainConfigKey, text: string): unknown {
  const { type } = valueSchema(key);
  if (type === "object" || type === "union") return parseObject(key, text);
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type !== "number") return text;
  // Number("") is 0 and Number("0x10") is 16, which nobody means here.
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw new UsageError(`expected ${flagOf(key)} to be a number, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

function parseObject(key: TrainConfigKey, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`expected ${flagOf(key)} to be JSON, got ${JSON.stringify(text)}`, { cause });
  }
}

/** The schema of a key's value, whether or not the key may be absent. */
function valueSchema(key: TrainConfigKey): z.ZodType {
  const schema: z.ZodType = trainConfigSchema.shape[key];
  return schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
}

/** Characters of choices that stand in the flag itself: the longest flag is the width of the help's first column. */
const SHORT_CHOICES = 12;

/** What stands for a value in `--help`, and choices that are too many to stand there. */
function placeholder(schema: z.ZodType): { value: string; choices: string } {
  const { type } = schema;
  if (type !== "enum") return { value: type === "number" ? "n" : "text", choices: "" };
  const { options } = schema as z.ZodEnum;
  const value = options.join("|");
  return value.length <= SHORT_CHOICES ? { value, choices: "" } : { value: "name", choices: options.join(", ") };
}
