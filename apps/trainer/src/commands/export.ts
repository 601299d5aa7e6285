/**
 * `llm-learning export`: a run's best weights as a model directory.
 */

import type { Command } from "commander";
import {
  defaultFormats,
  type ExportedModel,
  type ExportFormat,
  exportFormats,
  exportModel,
} from "../export/exportModel.ts";
import { handOffOf, handOffs } from "../export/handOff.ts";
import { parseQuantizations, quantizations } from "../export/quantizedForms.ts";
import { trainingRecord } from "../export/trainingRecord.ts";
import { loadModel } from "../model/loadModel.ts";
import { noRoomReason } from "../run/noRoom.ts";
import { openRun } from "../run/openRun.ts";
import { formatBytes, formatCount } from "../terminal/format.ts";
import { UsageError, withUserInput, withUserInputSync } from "../usageError.ts";
import { untilStopped } from "./untilStopped.ts";

interface ExportFlags {
  readonly run: string;
  readonly out: string;
  readonly format: string;
  readonly quantize?: string;
  readonly portable?: boolean;
  readonly embeddings?: boolean;
  readonly attentions?: boolean;
  readonly json?: boolean;
}

/** Errors of the system that say that the user's path will not do. */
const pathErrors = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOTDIR",
  "ENAMETOOLONG",
  "ELOOP",
  "EINVAL",
  "EBUSY",
  "ENOENT",
]);

export function registerExport(program: Command): void {
  program
    .command("export")
    .description(
      "write a run's best checkpoint as a model directory for transformers, transformers.js, ONNX Runtime and llama.cpp",
    )
    .requiredOption("--run <dir>", "run directory")
    .requiredOption("--out <dir>", "directory to write: new, empty, or an earlier export, which is replaced")
    .option(
      "--format <list>",
      `forms of the weights, of ${exportFormats.join(",")}; or a directory for another program: ${handOffs.join(", ")}`,
      defaultFormats.join(","),
    )
    .option("--quantize <list>", `also the ONNX model and the GGUF in fewer bits, of ${quantizations.join(",")}`)
    .option("--portable", "ONNX models of standard operators alone, for other runtimes than ONNX Runtime")
    .option("--embeddings", "the ONNX models also give each token's last hidden state, for embeddings of texts")
    .option(
      "--attentions",
      "also onnx/model_attentions.onnx, which gives the probabilities of attention; as large as the model",
    )
    .option("--json", "print one JSON document on standard output")
    .action(runExport);
}

async function runExport(flags: ExportFlags): Promise<void> {
  const { run: root, out, format, quantize, portable, embeddings, attentions, json = false } = flags;
  const quantizedForms = quantize === undefined ? [] : withUserInputSync(() => parseQuantizations(quantize));
  const handOff = withUserInputSync(() => handOffOf(format, { quantize: quantizedForms, portable: portable === true }));
  const further = embeddings === true ? "--embeddings" : attentions === true ? "--attentions" : undefined;
  if (handOff !== undefined) {
    if (further !== undefined) {
      throw new UsageError(`expected --format of ${exportFormats.join(", ")} with ${further}, got ${format}`);
    }
    const run = await openRun(root);
    const handedOff = await writeUntilStopped(out, (signal) => handOff(run, out, { signal }));
    return handedOff && printExport(root, out, handedOff, json);
  }
  const formats = parseFormats(format);
  const run = await openRun(root);
  const { model, step, valLoss } = await loadModel(run, "best");
  const { config, tokenizer, conventions } = run;
  const record = await trainingRecord(run, step);
  const exported = await writeUntilStopped(out, (signal) =>
    exportModel({
      model,
      tokenizer,
      conventions,
      record,
      kind: config.model,
      lines: config.lines,
      outDir: out,
      formats,
      quantize: quantizedForms,
      portable,
      embeddings,
      attentions,
      step,
      validationLoss: valLoss,
      signal,
    }),
  );
  if (exported === undefined) return;
  printExport(root, out, { ...exported, step, validationLoss: valLoss }, json);
}

function printExport(
  root: string,
  out: string,
  exported: ExportedModel & { readonly step: number; readonly validationLoss?: number | undefined },
  json: boolean,
): void {
  const { outDir, step, validationLoss, files, warnings } = exported;
  for (const warning of warnings) process.stderr.write(`export: warning: ${warning}\n`);
  if (json) {
    const report = { run: root, out: outDir, step, validationLoss, files, warnings };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const lines = files.map(({ path, bytes }) => `  ${path.padEnd(30)}${formatBytes(bytes)}`);
  process.stdout.write([`${out}: weights of step ${formatCount(step)}`, ...lines, ""].join("\n"));
}

function parseFormats(list: string): ExportFormat[] {
  const names = list.split(",").map((name) => name.trim());
  return names.map((name) => {
    const known = exportFormats.find((format) => format === name);
    if (known !== undefined) return known;
    throw new UsageError(
      `expected --format of ${[...exportFormats, ...handOffs].join(", ")}, got ${JSON.stringify(name)}`,
    );
  });
}

/** Writes where the user said, unless Ctrl-C comes before the end: undefined then. */
function writeUntilStopped<T>(path: string, action: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  return untilStopped(
    (signal) => inUserPath(path, () => action(signal)),
    `export: stopped, ${JSON.stringify(path)} is as it was`,
  );
}

/** Writes where the user said: what keeps the system from writing there is theirs to hear. */
async function inUserPath<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await withUserInput(action);
  } catch (error) {
    const reason = noRoomReason(error);
    if (reason !== undefined) {
      throw new Error(`expected room for a model directory at ${JSON.stringify(path)}, got ${reason}`, {
        cause: error,
      });
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !pathErrors.has(code)) throw error;
    throw new UsageError(`expected a directory that can be written, got ${JSON.stringify(path)}: ${code}`, {
      cause: error,
    });
  }
}
