#!/usr/bin/env node
/**
 * The command line `llm-learning`, as the shell starts it.
 */

import { Program } from "./program.ts";

const program = new Program();

// `llm-learning presets | head` closes the pipe before all is written: no fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  program.say(`expected standard output that can be written to, got ${error.message}`);
  process.exit(1);
});
// Nobody is left to be told, and a training need not end for that.
process.stderr.on("error", () => undefined);

process.exitCode = (await program.run(process.argv.slice(2))) ?? process.exitCode;
