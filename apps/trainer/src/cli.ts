#!/usr/bin/env node
/**
 * The command line `llm-learning`: its commands, and errors as exit status. 0 done, 2 bad usage or bad input, 1 anything
 * else, 130 interrupted.
 */

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { registerData } from "./commands/data/index.ts";
import { registerTokenizer } from "./commands/tokenizer/index.ts";
import { UsageError } from "./usageError.ts";

const { version, description } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
  description: string;
};

const program = new Command("llm-learning")
  .description(description)
  .version(version)
  .exitOverride()
  // Some flags are long, and lines are to be wrapped beside them too.
  .configureHelp({ minWidthToWrap: 24 })
  .configureOutput({ outputError: (text, write) => write(`${oneLine(text.replace(/^error: /, "llm-learning: "))}\n`) })
  .showSuggestionAfterError();

let running = "llm-learning";
program.hook("preAction", (_, command) => {
  running = command.parent === program ? command.name() : `${command.parent?.name()} ${command.name()}`;
});

// The others load an engine and a model's configuration: a pipeline of tokens need not wait for that.
if (!["tokenizer", "data"].includes(process.argv[2]))
  (await import("./commands/index.ts")).registerModelCommands(program);
registerTokenizer(program);
registerData(program);

// `llm-learning presets | head` closes the pipe before all is written: no fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(`${running}: expected standard output that can be written to, got ${error.message}\n`);
  process.exit(1);
});
// Nobody is left to be told, and a training need not end for that.
process.stderr.on("error", () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong in one line. @returns the exit status. */
function report(error: unknown): number {
  // commander has printed its own errors, help and version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${running}: ${oneLine(message)}\n`);
  if (process.env.DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof UsageError ? 2 : 1;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
