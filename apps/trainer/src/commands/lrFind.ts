/**
 * `llm-learning lr-find`: which learning rate a configuration wants, found in a few hundred steps.
 */

import { writeFileAtomic } from "@llm-learning/datasets/node";
import { learningRateFinder } from "@llm-learning/diagnostics";
import type { Command } from "commander";
import { addConfigFlags, readConfigFlags } from "../config/configFlags.ts";
import { expectNoLora } from "../config/loraChoices.ts";
import { resolveConfig } from "../config/resolveConfig.ts";
import type { TrainConfig } from "../config/trainConfig.ts";
import { findLearningRate, type LearningRateSearch } from "../lrFind/findLearningRate.ts";
import { formatRate, terminalChart } from "../lrFind/terminalChart.ts";
import { WorkProgress } from "../terminal/workProgress.ts";
import { expectEngine } from "../training/expectEngine.ts";
import { ownTokenizer } from "../training/folderData.ts";
import { absoluteData } from "../training/sourceData.ts";
import { loadTrainingData } from "../training/trainingData.ts";
import { UsageError, withUserInput } from "../usageError.ts";
import { integerOption, numberOption } from "./numberOption.ts";
import { prepareOutputFile } from "./outputFile.ts";
import { untilStopped } from "./untilStopped.ts";

interface LrFindFlags {
  readonly from?: number;
  readonly to: number;
  readonly steps: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Lowest rate by optimizer: the steps of most are about as large as their rate, far below what is right for plain descent. */
const lowestRate = {
  adamw: 1e-5,
  adam: 1e-5,
  muon: 1e-5,
  lion: 1e-6,
  sgd: 1e-3,
} as const satisfies Record<TrainConfig["optimizer"], number>;

const isRate = (value: number): boolean => value > 0 && value <= 1000;

export function registerLrFind(program: Command): void {
  const command = program
    .command("lr-find")
    .description("find a learning rate: a fresh model takes steps at rising rates, nothing is kept")
    .option(
      "--from <rate>",
      "lowest learning rate (default: 1e-5, 1e-6 with Lion, 1e-3 with SGD)",
      numberOption("--from", "a number greater than 0, at most 1000", isRate),
    )
    .option(
      "--to <rate>",
      "highest learning rate",
      numberOption("--to", "a number greater than 0, at most 1000", isRate),
      1,
    )
    .option(
      "--steps <n>",
      "number of rates, evenly spaced in powers of ten",
      integerOption("--steps", 10, 100_000),
      200,
    )
    .option("--out <file>", "draw the curve, as an .svg file")
    .option("--json", "print one JSON document on standard output")
    .addHelpText(
      "after",
      "\nThe suggested rate is the one at which the loss falls most steeply. It is a good\n" +
        "highest rate for a schedule with warm-up; at the lowest point of the curve the\n" +
        "loss is about to rise.",
    )
    .action(runLrFind);
  addConfigFlags(command);
}

async function runLrFind(flags: LrFindFlags & Record<string, unknown>): Promise<void> {
  const { to, steps, json = false } = flags;
  const changes = readConfigFlags(flags);
  const { data } = changes;
  const given = { ...changes, ...(data !== undefined && { data: absoluteData(data) }) };
  const config = resolveConfig({ ...(await ownTokenizer(given)), ...given });
  expectNoLora(config);
  await expectEngine(config);
  const { from = lowestRate[config.optimizer] } = flags;
  if (from >= to) throw new UsageError(`expected --from below --to, got ${from} and ${to}`);
  if (flags.out !== undefined) await prepareOutputFile(flags.out, ".svg");
  const progress = new WorkProgress(process.stderr);
  const search = await untilStopped(async (signal) => {
    const onStep = (step: number): void => progress.update(step + 1, steps, "learning rates");
    try {
      const text = await loadTrainingData(config);
      return await withUserInput(() => findLearningRate(config, text, { from, to, steps, signal, onStep }));
    } finally {
      progress.stop();
    }
  });
  if (search === undefined) return;
  if (flags.out !== undefined) await draw(flags.out, search);
  process.stdout.write(
    json ? `${JSON.stringify(report(config, { from, to, steps }, search), null, 2)}\n` : describe(config, search),
  );
}

async function draw(path: string, { rates, losses, smooth, suggested }: LearningRateSearch): Promise<void> {
  const svg = learningRateFinder({
    learningRates: rates,
    losses,
    smoothed: smooth,
    ...(suggested !== undefined && { suggested }),
  });
  await writeFileAtomic(path, svg);
}

function describe(config: TrainConfig, search: LearningRateSearch): string {
  const { rates, losses, suggested, lowest, diverged } = search;
  const end = diverged ? `, where it diverged` : "";
  return [
    `${config.preset}: loss ${losses[0].toFixed(4)} at rate ${formatRate(rates[0])}, ` +
      `${losses[losses.length - 1].toFixed(4)} at ${formatRate(rates[rates.length - 1])}${end}`,
    terminalChart(search),
    suggested === undefined
      ? "the loss falls nowhere: try more --steps, or rates further apart"
      : `steepest at ${formatRate(suggested)}, lowest at ${formatRate(lowest)}: train with --learning-rate ${formatRate(suggested)}`,
    "",
  ].join("\n");
}

function report(
  config: TrainConfig,
  { from, to, steps }: { from: number; to: number; steps: number },
  { rates, losses, smooth, suggested, lowest, diverged }: LearningRateSearch,
): Record<string, unknown> {
  return {
    from,
    to,
    steps,
    suggestedLearningRate: suggested ?? null,
    lowestLearningRate: lowest,
    diverged,
    rates,
    losses,
    smooth,
    config,
  };
}
