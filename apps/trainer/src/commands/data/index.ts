/**
 * `llm-learning data`: the commands that make training data.
 */

import type { Command } from "commander";
import { registerPrepare } from "./prepare.ts";

export function registerData(program: Command): void {
  const group = program.command("data").description("make texts and documents into token files to train on");
  registerPrepare(group);
}
