/**
 * The commands of models: all but `tokenizer`.
 */

import type { Command } from "commander";
import { registerDoctor } from "./doctor.ts";
import { registerEval } from "./eval.ts";
import { registerExport } from "./export.ts";
import { registerImport } from "./import.ts";
import { registerLrFind } from "./lrFind.ts";
import { registerPresets } from "./presets.ts";
import { registerReport } from "./report.ts";
import { registerSample } from "./sample.ts";
import { registerTrain } from "./train.ts";

/** Registers the commands in the order in which `--help` lists them. */
export function registerModelCommands(program: Command): void {
  registerTrain(program);
  registerSample(program);
  registerEval(program);
  registerReport(program);
  registerExport(program);
  registerImport(program);
  registerLrFind(program);
  registerPresets(program);
  registerDoctor(program);
}
