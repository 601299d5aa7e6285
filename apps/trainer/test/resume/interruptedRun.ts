/**
 * A training of the built command line that is interrupted again and again, at moments that a seed decides, and resumed each time. It
 * knows nothing of what goes on inside: it reads what the command prints, and watches the files that it writes.
 */

import { existsSync, type FSWatcher, readdirSync, readFileSync, statSync, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Rng } from "@llm-learning/init";
import { runPaths, type TrainConfig } from "@llm-learning/trainer";
import { spawnCli } from "../builtCli.ts";
import { sha256, timelessMetrics } from "../tinyRun.ts";

/**
 * When a session is interrupted: some time after its process began, some time after it printed a step, while a checkpoint is
 * being written, while the model is being exported, or while samples are written at the end.
 */
export type Moment = "start" | "step" | "write" | "export" | "samples";

export interface InterruptedRun {
  /** The configuration, as for `train`. */
  readonly config: Partial<TrainConfig>;
  /** Name of the run directory in `folder`. */
  readonly out: string;
  readonly folder: string;
  readonly seed: number;
  /** How many sessions are interrupted at each moment. */
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
  /** Drawn from at each interruption. @defaultValue SIGKILL */
  readonly signals?: readonly NodeJS.Signals[];
}

export interface Interruptions {
  /** How each session ended, in order: its moment, the step that it began at, its exit status or signal. */
  readonly sessions: readonly string[];
  /** Files and folders that were being written when a session ended, and stayed behind under their temporary names. */
  readonly unfinishedWrites: number;
}

/** Longest time after a moment came until the signal is sent. */
const JITTER_MS = { start: 1500, step: 40, write: 4, export: 4, samples: 20 } as const;

/** Trains to the end, however often it is interrupted. */
export async function trainInterrupted(options: InterruptedRun): Promise<Interruptions> {
  const { folder, out, config, seed, signals = ["SIGKILL"] } = options;
  const rng = new Rng(seed);
  const root = join(folder, out);
  const sessions: string[] = [];
  const unfinished = new Set<string>();
  for (const { moment, target } of plannedMoments(options, rng)) {
    const signal = signals[rng.integer(signals.length)];
    const delayMs = rng.uniform() * JITTER_MS[moment];
    const ended = await session(folder, trainArguments(root, out, config), { root, moment, target, delayMs, signal });
    sessions.push(`${moment}, step ${target}: ${ended}`);
    for (const name of temporaryFiles(root)) unfinished.add(name.split(/\.tmp\b/)[0]);
  }
  const ended = await session(folder, trainArguments(root, out, config), undefined);
  sessions.push(`to the end: ${ended}`);
  return { sessions, unfinishedWrites: unfinished.size };
}

/** As a person goes on: a directory in which there is no run yet is begun anew. */
function trainArguments(root: string, out: string, config: Partial<TrainConfig>): string[] {
  const isRun = existsSync(runPaths(root).config);
  return ["train", "--out", out, ...(isRun ? ["--resume"] : configFlags(config))];
}

/** A configuration as flags of the command line. */
export function configFlags(config: Partial<TrainConfig>): string[] {
  return Object.entries(config).flatMap(([key, value]) => [
    `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
}

interface PlannedMoment {
  readonly moment: Moment;
  /** The step that must have been printed first. */
  readonly target: number;
}

/** Moments of training in random order, at steps that are spread over the run; those of its end behind them. */
function plannedMoments({ moments, config: { maxSteps = 0 } }: InterruptedRun, rng: Rng): PlannedMoment[] {
  const times = (moment: Moment): Moment[] => Array.from({ length: moments[moment] ?? 0 }, () => moment);
  const training = rng.shuffle([...times("start"), ...times("step"), ...times("write")]);
  return [
    ...training.map((moment, index) => ({
      moment,
      target: Math.floor(((index + rng.uniform()) / training.length) * (maxSteps - 5)),
    })),
    ...[...times("export"), ...times("samples")].map((moment) => ({ moment, target: maxSteps })),
  ];
}

interface Interruption extends PlannedMoment {
  readonly root: string;
  readonly delayMs: number;
  readonly signal: NodeJS.Signals;
}

/** Runs the command line until it ends by itself or by the interruption. @returns how it ended. */
async function session(folder: string, args: string[], interruption: Interruption | undefined): Promise<string> {
  const child = spawnCli(folder, args);
  let output = "";
  const listeners = new Set<() => void>();
  const onOutput = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout?.on("data", onOutput);
  child.stderr?.on("data", onOutput);
  const ended = new Promise<string>((resolve) => {
    child.on("close", (status, signal) => resolve(`${status ?? signal}${status === 0 ? "" : `: ${lastLine(output)}`}`));
  });
  if (interruption === undefined) return ended;

  const until = (isReached: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!isReached()) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
    });
  const { moment, target, root, delayMs, signal } = interruption;
  const interrupted = (async () => {
    if (moment === "samples") await until(() => output.includes("exported the weights"));
    else if (moment !== "start") await until(() => lastStep(output) >= target);
    if (moment === "write") await temporaryFileIn(runPaths(root).checkpoints);
    if (moment === "export") await temporaryFileIn(root);
    if (moment === "write" && delayMs < JITTER_MS.write / 2) child.kill(signal);
    else await delay(delayMs);
    child.kill(signal);
  })();
  await Promise.race([ended, interrupted]);
  return ended;
}

/** The step that was printed last; -1 before the first. */
function lastStep(output: string): number {
  return Number([...output.matchAll(/^step +(\d+):/gm)].at(-1)?.[1] ?? -1);
}

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}

/** Waits until something begins to be written in `folder`: under a temporary name, as all files are. */
async function temporaryFileIn(folder: string): Promise<void> {
  let watcher: FSWatcher | undefined;
  await new Promise<void>((resolve) => {
    watcher = watch(folder, (_, name) => {
      if (name?.endsWith(".tmp") === true) resolve();
    });
  });
  watcher?.close();
}

/** Files and folders in a run directory that a writer left behind. */
export function temporaryFiles(root: string): string[] {
  if (!existsSync(root)) return [];
  return filesIn(root).filter((name) => /\.tmp(\.old)?(\/|$)/.test(name));
}

/**
 * What equal runs have in common: the hash of every file in the run directory, but of `metrics.jsonl` the lines without their two
 * times, `tokensPerSecond` and `elapsedSeconds`.
 */
export function timelessFiles(root: string): Record<string, unknown> {
  const { metrics } = runPaths(root);
  return Object.fromEntries(
    filesIn(root).map((name) => {
      const path = join(root, name);
      return [name, path === metrics ? timelessMetrics(root) : sha256(readFileSync(path))];
    }),
  );
}

/** Every file in a folder and below. */
export function filesIn(root: string): string[] {
  return (readdirSync(root, { recursive: true }) as string[])
    .filter((name) => statSync(join(root, name), { throwIfNoEntry: false })?.isFile() === true)
    .toSorted();
}
