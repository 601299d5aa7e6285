/**
 * `llm-learning train`: trains in a worker thread while this one shows progress and listens to Ctrl-C.
 */

import { describeBad } from "@llm-learning/diagnostics";
import type { Command } from "commander";
import { addConfigFlags, readConfigFlags } from "../config/configFlags.ts";
import { describeBaseline } from "../evaluation/ngramBaseline.ts";
import type { ModelName } from "../model/modelKinds.ts";
import { runPaths } from "../run/runPaths.ts";
import { pathForUser, programName, quoteArgument, serverName } from "../terminal/commandLine.ts";
import { formatBytes, formatCount, formatDuration } from "../terminal/format.ts";
import type { Keyboard } from "../terminal/keyboard.ts";
import { listenToKeys } from "../terminal/trainingKeys.ts";
import { TrainingProgress } from "../terminal/trainingProgress.ts";
import { WorkProgress } from "../terminal/workProgress.ts";
import { ClosingSamples } from "../training/closingSamples.ts";
import { executePlan, planTraining, type TrainOptions, type TrainPlan } from "../training/train.ts";
import type { TrainingOutcome } from "../training/trainingEvent.ts";
import { TrainingWishes } from "../training/trainingWishes.ts";
import { UsageError } from "../usageError.ts";
import { integerOption } from "./numberOption.ts";
import { printProfile } from "./printProfile.ts";
import { addObserverFlags, type ObserverFlags, RunObservers } from "./runObservers.ts";
import { StopSignals } from "./stopSignals.ts";

/** Steps that `--profile` measures. */
const PROFILE_STEPS = 10;

/** Bytes that take a second or more to be encoded. */
const LONG_TEXT = 3e7;

interface TrainFlags extends ObserverFlags {
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly profile?: number | true;
}

export function registerTrain(program: Command): void {
  const command = program
    .command("train")
    .description("train a small language model, export it, and print what it writes")
    .option("--out <dir>", "run directory, new or empty (default: runs/PRESET, runs/PRESET-2, ...)")
    .option("--resume", "go on with the run in --out, bit for bit as if it had never stopped")
    .option("--json", "print one JSON document on standard output; progress goes to standard error")
    .option(
      "--profile [steps]",
      `instead of a run: where the time of a step goes, by operator and by layer (default: ${PROFILE_STEPS} steps)`,
      integerOption("--profile", 1, 1000),
    )
    .addHelpText(
      "after",
      "\nA key that is not given is the preset's. decaySteps follows maxSteps,\n" +
        "minLearningRate is a tenth of learningRate.\n" +
        "Ctrl-C saves and ends; --resume goes on. A second Ctrl-C ends at once.\n" +
        "On a terminal, h tells of the keys that show and save things meanwhile.",
    )
    .action(runTrain);
  addObserverFlags(command);
  addConfigFlags(command);
}

async function runTrain(flags: TrainFlags & Record<string, unknown>): Promise<void> {
  const { out, resume, json = false, profile } = flags;
  if (profile !== undefined) {
    if (out !== undefined || resume)
      throw new UsageError("expected --profile without --out and --resume: it keeps no run");
    return printProfile(readConfigFlags(flags), { steps: profile === true ? PROFILE_STEPS : profile, json });
  }
  const plan = await makePlan({ config: readConfigFlags(flags), out, resume: resume ?? false });
  const stream = json ? process.stderr : process.stdout;
  const observers = await RunObservers.start(plan, flags, stream);
  const progress = new TrainingProgress(stream, plan);
  const signals = new StopSignals({
    onFirst: () => progress.note("stopping after this step, to save; Ctrl-C again stops at once"),
    onSecond: () => {
      keyboard?.close();
      progress.stop();
    },
  });
  const wishes = new TrainingWishes();
  let keyboard: Keyboard | undefined;
  const samples = new ClosingSamples(Infinity);
  let outcome: TrainingOutcome;
  try {
    outcome = await executePlan(plan, {
      signal: signals.signal,
      wishes,
      onEvent: (event) => {
        samples.handle(event);
        progress.handle(event);
        if (event.type === "ready" && stream.isTTY) keyboard = listenToKeys(wishes, (text) => progress.note(text));
        else if (event.type === "exported") keyboard?.close();
        observers.handle(event);
      },
    });
    observers.end(outcome);
  } catch (error) {
    await observers.close();
    throw error;
  } finally {
    keyboard?.close();
    signals.dispose();
    progress.stop();
  }
  if (outcome.status === "diverged") process.stderr.write(describeDivergence(plan, outcome));
  else stream.write(describeOutcome(plan, outcome, samples.texts.length > 0));
  if (json) process.stdout.write(`${JSON.stringify(report(plan, outcome, samples.texts), null, 2)}\n`);
  process.exitCode = outcome.status === "diverged" ? 1 : (signals.exitCode ?? 0);
  await observers.linger(outcome);
}

/** The plan; a tokenizer that takes time to be learned shows it on standard error. */
async function makePlan(options: TrainOptions): Promise<TrainPlan> {
  const progress = new WorkProgress(process.stderr);
  try {
    return await planTraining({
      ...options,
      onLearning: ({ phase, done, total }) =>
        progress.update(done, total, phase === "count" ? "bytes read to learn tokens from" : "tokens learned"),
      onEncoding: (bytes) => {
        progress.stop();
        if (bytes >= LONG_TEXT) process.stderr.write(`turning ${formatBytes(bytes)} of text into tokens\n`);
      },
    });
  } finally {
    progress.stop();
  }
}

/** The models whose ONNX file has a KV cache, which the server needs. */
const withCache: ReadonlySet<ModelName> = new Set(["gpt", "llama"]);

function describeOutcome(plan: TrainPlan, outcome: TrainingOutcome, hasSamples: boolean): string {
  const run = quoteArgument(pathForUser(plan.root));
  const command = programName();
  const resume = `${command} train --resume --out ${run}`;
  const { status, step, best, baseline, tokensPerSecond, elapsedSeconds } = outcome;
  if (status === "stopped") return `stopped at step ${step} and saved; go on with: ${resume}\n`;
  const scores = best === undefined ? "" : `best val loss ${best.valLoss.toFixed(4)} at step ${best.step}, `;
  return [
    `${hasSamples ? "\n\n" : ""}trained ${formatCount(step)} steps in ${formatDuration(elapsedSeconds)}: ${scores}` +
      `${formatCount(tokensPerSecond)} tokens/s, peak memory ${formatBytes(peakMemory())}`,
    ...(baseline === undefined ? [] : [describeBaseline(baseline, best?.valLoss)]),
    `run directory: ${pathForUser(plan.root)}`,
    "next:",
    `  ${command} sample --run ${run} ${plan.config.lines ? "--count 20" : '--prompt "..."'}`,
    `  ${command} eval --run ${run}`,
    `  ${command} report --run ${run}`,
    ...(withCache.has(plan.config.model)
      ? [`  ${serverName()} ${quoteArgument(pathForUser(runPaths(plan.root).model))}`]
      : []),
    `  ${command} export --run ${run} --out my-model`,
    `  ${resume} --max-steps ${2 * step}`,
    "",
  ].join("\n");
}

function describeDivergence({ config }: TrainPlan, { step, checkpointStep, firstBad }: TrainingOutcome): string {
  const where = firstBad === undefined ? "" : `, first in ${describeBad(firstBad)}`;
  const cure = config.gradClip === 0 ? "a lower learningRate or a gradClip" : "a lower learningRate or gradClip";
  const kept = checkpointStep === undefined ? "" : `; the checkpoint of step ${checkpointStep} is kept`;
  return (
    `train: expected losses, gradients and weights that are numbers, got NaN or infinity at step ${step}${where}: training has ` +
    `diverged, use ${cure}${kept}\n`
  );
}

/** The document of `--json`. */
function report(plan: TrainPlan, outcome: TrainingOutcome, samples: readonly string[]): Record<string, unknown> {
  const { root, config, data, parameterCount } = plan;
  const { best, checkpointStep, ...rest } = outcome;
  return {
    run: root,
    ...rest,
    maxSteps: config.maxSteps,
    bestValLoss: best?.valLoss,
    bestStep: best?.step,
    checkpointStep,
    parameters: parameterCount,
    vocabSize: data.tokenizer.vocabSize,
    trainTokens: data.trainTokens,
    validationTokens: data.validationTokens,
    peakMemoryBytes: peakMemory(),
    ...(outcome.status === "finished" ? { model: runPaths(root).model, samples } : {}),
    config,
  };
}

/** The most memory that this process had, threads included. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
