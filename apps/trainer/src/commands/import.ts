/**
 * `llm-learning import`: a model that was trained elsewhere as a run, to be evaluated, trained further and exported.
 */

import type { Command } from "commander";
import { addConfigFlags, readConfigFlags } from "../config/configFlags.ts";
import { importModel } from "../import/importModel.ts";
import { pathForUser, programName, quoteArgument } from "../terminal/commandLine.ts";
import { formatCount } from "../terminal/format.ts";

interface ImportFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function registerImport(program: Command): void {
  const command = program
    .command("import")
    .description(
      "read a model directory of the forms GPT-2, Llama and Qwen3 into a run, to evaluate, fine-tune and export it",
    )
    .argument("<dir>", "model directory: config.json, tokenizer.json, model.safetensors")
    .option("--out <dir>", "run directory, new or empty (default: runs/NAME of the model's directory)")
    .option("--json", "print one JSON document on standard output")
    .addHelpText(
      "after",
      "\nThe model's own keys are fixed; blockSize may be smaller. The others say how\n" +
        "the run is fine-tuned by train --resume, on --data: all of its weights, or\n" +
        "with --lora-rank low-rank changes alone, which export makes part of them.",
    )
    .action(runImport);
  addConfigFlags(command);
}

async function runImport(directory: string, flags: ImportFlags & Record<string, unknown>): Promise<void> {
  const { out, json = false } = flags;
  const imported = await importModel({ directory, config: readConfigFlags(flags), out });
  const { root, config, parameterCount, vocabSize, notes } = imported;
  for (const note of notes) process.stderr.write(`import: note: ${note}\n`);
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ run: root, parameters: parameterCount, vocabSize, notes, config }, null, 2)}\n`,
    );
    return;
  }
  const run = quoteArgument(pathForUser(root));
  const command = programName();
  const lines = [
    `imported ${pathForUser(directory)}: ${formatCount(parameterCount)} parameters, vocabulary ${formatCount(vocabSize)}, ` +
      `context ${formatCount(config.blockSize)}`,
    `run directory: ${pathForUser(root)}`,
    "next:",
    `  ${command} eval --run ${run}`,
    `  ${command} sample --run ${run} --prompt "..."`,
    `  ${command} train --resume --out ${run}`,
    `  ${command} export --run ${run} --out my-model`,
    "",
  ];
  process.stdout.write(lines.join("\n"));
}
