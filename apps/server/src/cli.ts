#!/usr/bin/env node
/**
 * The command line `llm-serve`. Exit status: 0 drained and done, 2 bad usage or bad input (in one line), 1 anything else.
 */

import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { type FlagValues, readSettings } from "./settings/readSettings.ts";
import { type SettingKey, settingFlags, settingsDefaults } from "./settings/settingsTable.ts";
import { inLine, UsageError } from "./usageError.ts";

const { version, description } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
  description: string;
};

const program = new Command("llm-serve")
  .description(description)
  .version(version)
  .argument("[dirs...]", "model directories, as llm-learning export writes them")
  .option("--config <file>", 'a JSON file of settings, such as {"port": 8080, "maxBatch": 8}')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(`${inLine(text.replace(/^error: /, "llm-serve: "))}\n`) })
  .showSuggestionAfterError();

const options = Object.entries(settingFlags).map(([key, { flag, help }]) => {
  const value = settingsDefaults[key as SettingKey];
  const isList = Array.isArray(value);
  const usual = isList || value === undefined || typeof value === "boolean" ? "" : ` (default: ${value})`;
  const option = new Option(flag, help + usual);
  if (isList) option.argParser((text: string, before: string[] = []) => [...before, text]);
  program.addOption(option);
  return { key, option };
});

/** What was given on the command line, by the names of settings. */
function flagValues(): FlagValues {
  const values: Record<string, string | string[] | boolean | undefined> = { config: program.getOptionValue("config") };
  for (const { key, option } of options) {
    const name = option.attributeName();
    if (program.getOptionValueSource(name) === "cli") values[key] = program.getOptionValue(name);
  }
  const models = [...program.args, ...((values["models"] as string[] | undefined) ?? [])];
  return { ...values, models: models.length > 0 ? models : undefined };
}

/** Says what went wrong in one line. @returns the exit status. */
function report(error: unknown): number {
  // commander has printed its own errors, help and version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`llm-serve: ${inLine(message)}\n`);
  if (process.env.DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof UsageError ? 2 : 1;
}

let status: number;
try {
  program.parse();
  const settings = await readSettings(flagValues(), process.env);
  // It loads all that a server needs, which a wrong flag need not wait for.
  const { runServer } = await import("./operation/runServer.ts");
  status = await runServer(settings);
} catch (error) {
  status = report(error);
}
// Threads that are still opening a model would keep the process.
process.exit(status);
