#!/usr/bin/env node
/**
 * The command line `llm-serve`. Exit status: 0 drained and done, 2 bad usage or bad input, 1 anything else.
 */

import { readFileSync } from "node:fs";
import { Command } from "commander";

const { version, description } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
  description: string;
};

await new Command("llm-serve").description(description).version(version).parseAsync();
