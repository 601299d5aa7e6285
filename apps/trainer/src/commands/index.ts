/**
 * The commands, each loaded when it is named: a model's commands bring an engine and a thousand modules, which a pipeline of
 * tokens need not wait for.
 */

import type { Command } from "commander";

type Register = (program: Command) => void;

/** In the order in which `--help` lists them. */
const commands: Readonly<Record<string, () => Promise<Register>>> = {
  train: async () => (await import("./train.ts")).registerTrain,
  sample: async () => (await import("./sample.ts")).registerSample,
  eval: async () => (await import("./eval.ts")).registerEval,
  report: async () => (await import("./report.ts")).registerReport,
  export: async () => (await import("./export.ts")).registerExport,
  import: async () => (await import("./import.ts")).registerImport,
  "lr-find": async () => (await import("./lrFind.ts")).registerLrFind,
  presets: async () => (await import("./presets.ts")).registerPresets,
  doctor: async () => (await import("./doctor.ts")).registerDoctor,
  tokenizer: async () => (await import("./tokenizer/index.ts")).registerTokenizer,
  data: async () => (await import("./data/index.ts")).registerData,
};

/** Registers the command of that name; all of them where it is none, as for `--help` and for what is misspelt. */
export async function registerCommands(program: Command, name: string | undefined): Promise<void> {
  const wanted = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands);
  for (const command of wanted) (await commands[command]())(program);
}
