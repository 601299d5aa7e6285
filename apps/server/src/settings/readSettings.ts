/**
 * The settings of this start: flags before the environment before a file before defaults, each checked where it comes from.
 */

import Type, { type TSchema } from "typebox";
import { Value } from "typebox/value";
import { parseJson } from "../model/checkedJson.ts";
import { readAtMost } from "../model/modelFiles.ts";
import { inFile, UsageError } from "../usageError.ts";
import { nearest } from "./nearest.ts";
import { type SettingKey, type Settings, settingsDefaults, settingsSchema } from "./settingsTable.ts";

/** What flags say, in commander's form: texts, several of them for a list, `true` and `false` for flags without a value. */
export type FlagValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

const MAX_FILE_BYTES = 1 << 20;
const prefix = "LLM_SERVE_";
const keys = Object.keys(settingsSchema.properties) as SettingKey[];

/**
 * Puts the settings together.
 *
 * @param flags - By key; `config` names the file.
 * @throws UsageError in one line for a value that cannot be, or a name that is none.
 */
export async function readSettings(flags: FlagValues, environment: NodeJS.ProcessEnv): Promise<Settings> {
  const { config = environment[`${prefix}CONFIG`], ...flagged } = flags;
  const fromFile = typeof config === "string" && config !== "" ? await fileSettings(config) : {};
  const fromEnvironment = environmentSettings(environment);
  const fromFlags: Record<string, unknown> = {};
  for (const key of keys) {
    const value = flagged[key];
    if (value === undefined) continue;
    fromFlags[key] = checkedSetting(flagName(key), key, typeof value === "boolean" ? value : ofText(key, value));
  }
  return { ...settingsDefaults, ...fromFile, ...fromEnvironment, ...fromFlags };
}

/** What a setting is called in the environment. */
function environmentName(key: SettingKey): string {
  return prefix + key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** What a setting is called on the command line. */
function flagName(key: SettingKey): string {
  if (key === "models") return "the models";
  return `--${singular(key).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Flags that are given again and again are named after one: `--api-key`. */
function singular(key: SettingKey): string {
  if (key === "trustedProxies") return "trustedProxy";
  return isList(key) ? key.slice(0, -1) : key;
}

async function fileSettings(path: string): Promise<Partial<Settings>> {
  const text = (await readAtMost(path, MAX_FILE_BYTES)).toString("utf8");
  return inFile(path, () => {
    const document = parseJson(text);
    if (typeof document !== "object" || document === null || Array.isArray(document)) {
      throw new UsageError("expected an object of settings");
    }
    const settings: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(document)) {
      const key = keys.find((known) => known === name);
      if (key === undefined) throw unknownName(name, keys, "a setting");
      settings[key] = checkedSetting(name, key, value);
    }
    return settings;
  });
}

function environmentSettings(environment: NodeJS.ProcessEnv): Partial<Settings> {
  const names = new Map(keys.map((key) => [environmentName(key), key]));
  // One key is the usual number of keys.
  names.set(`${prefix}API_KEY`, "apiKeys");
  const settings: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || name === `${prefix}CONFIG` || text === undefined || text === "") continue;
    const key = names.get(name);
    if (key !== undefined) settings[key] = environmentSetting(name, key, text);
    // Kubernetes tells of a service that is called llm-serve in names of its own.
    else if (!/_(SERVICE|PORT)_/.test(name)) throw unknownName(name, [...names.keys()], "a setting in the environment");
  }
  return settings;
}

function environmentSetting(name: string, key: SettingKey, text: string): unknown {
  if (key === "port" && /^\w+:\/\//.test(text)) {
    throw new UsageError(
      `expected ${name} to be a port, got ${JSON.stringify(text)}: Kubernetes sets it where a service is called llm-serve; ` +
        "write enableServiceLinks: false in the pod, or call the service something else",
    );
  }
  return checkedSetting(name, key, ofText(key, isList(key) ? text.split(",").map((part) => part.trim()) : text));
}

/** The value that a text means; itself where it means none of that type, for the schema to refuse. */
function ofText(key: SettingKey, value: string | readonly string[]): unknown {
  if (typeof value !== "string") return value;
  const schema: TSchema = settingsSchema.properties[key];
  if (Type.IsBoolean(schema))
    return value === "true" || value === "1" ? true : value === "false" || value === "0" ? false : value;
  const isNumber = Type.IsInteger(schema) || Type.IsNumber(schema);
  return isNumber && /^[+-]?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function checkedSetting(name: string, key: SettingKey, value: unknown): unknown {
  const schema = settingsSchema.properties[key];
  if (Value.Check(schema, value)) return value;
  // A key is nobody's business.
  const got = key === "apiKeys" ? "others" : JSON.stringify(value);
  throw new UsageError(`expected ${name} to be ${(schema as { description?: string }).description}, got ${got}`);
}

function isList(key: SettingKey): boolean {
  return Type.IsArray(settingsSchema.properties[key]);
}

function unknownName(name: string, known: readonly string[], what: string): UsageError {
  const near = nearest(name, known);
  return new UsageError(
    `expected ${what}, got ${JSON.stringify(name)}${near === undefined ? "" : `: did you mean ${near}?`}`,
  );
}
