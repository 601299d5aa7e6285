/**
 * The program `llm-learning`: its commands, and errors as one line and a status. 0 done, 2 bad usage or bad input, 1 anything
 * else, 130 interrupted.
 */

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { registerCommands } from "./commands/index.ts";
import { UsageError } from "./usageError.ts";

const { version, description } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
  description: string;
};

/** A command line, given once. */
export class Program {
  /** The command that speaks, for lines on standard error. */
  #running = "llm-learning";

  /** Runs the command that the arguments name. @returns the exit status, or none where the command has set the process's own */
  async run(args: readonly string[]): Promise<number | undefined> {
    const program = new Command("llm-learning")
      .description(description)
      .version(version)
      .exitOverride()
      // Some flags are long, and lines are to be wrapped beside them too.
      .configureHelp({ minWidthToWrap: 24 })
      .configureOutput({
        outputError: (text, write) => write(`${oneLine(text.replace(/^error: /, "llm-learning: "))}\n`),
      })
      .showSuggestionAfterError()
      .hook("preAction", (_, command) => {
        const { parent } = command;
        this.#running = parent === program ? command.name() : `${parent?.name()} ${command.name()}`;
      });
    try {
      await registerCommands(program, args[0]);
      await program.parseAsync(args, { from: "user" });
      return undefined;
    } catch (error) {
      return this.#report(error);
    }
  }

  /** Says something of the running command in one line. */
  say(text: string): void {
    process.stderr.write(`${this.#running}: ${oneLine(text)}\n`);
  }

  /** Says what went wrong in one line. @returns the exit status */
  #report(error: unknown): number {
    // commander has printed its own errors, help and version.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    this.say(error instanceof Error ? error.message : String(error));
    if (process.env.DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
