/**
 * `llm-learning report`: a run as a page to look at.
 */

import type { Command } from "commander";
import { writeReport } from "../report/writeReport.ts";
import { pathForUser } from "../terminal/commandLine.ts";
import { prepareOutputFile } from "./outputFile.ts";
import { untilStopped } from "./untilStopped.ts";

interface ReportFlags {
  readonly run: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function registerReport(program: Command): void {
  program
    .command("report")
    .description("write a run's losses, plots and samples as one HTML page, and each figure as an SVG file")
    .requiredOption("--run <dir>", "run directory")
    .option(
      "--out <file>",
      "the page, an .html file; figures go to a folder beside it (default: report/index.html in the run)",
    )
    .option("--json", "print one JSON document on standard output")
    .action(runReport);
}

async function runReport({ run, out, json = false }: ReportFlags): Promise<void> {
  if (out !== undefined) await prepareOutputFile(out, ".html");
  const onProgress = (what: string): void => void process.stderr.write(`${what}\n`);
  const report = await untilStopped((signal) => writeReport(run, { out, signal, onProgress }));
  if (report === undefined) return;
  const { path, figures, warnings, notes } = report;
  if (json) process.stdout.write(`${JSON.stringify({ run, report: path, figures, warnings, notes }, null, 2)}\n`);
  else {
    const lines = [
      ...warnings.map(({ message, cure }) => `warning: ${message}; ${cure}`),
      ...notes,
      `${pathForUser(path)}, with ${figures.length} figures: open it in a browser`,
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
}
