/**
 * Warnings about the course of training: the first loss, the size of updates, the losses.
 */

import { figure, type LossRecord, median, type RunHistory, type RunWarning, type StatisticsLine } from "./warning.ts";

/**
 * Nats above ln V at step 0. Logits of N(0, 1) cost about 1/2; the lecture's MLP starts 24 too high.
 */
const LARGEST_EXCESS = 1;

/** Median update:data of the matrices at one step, a tenth: weights that are rewritten in ten steps. The lecture wants 0.001. */
const LARGEST_UPDATE = 0.1;

/** Share of the watched steps that may pass it: the first ones do where an output layer starts too large. */
const MOST_LARGE_UPDATES = 0.25;

/**
 * Median update:data that is called healthy for a while: AdamW's first steps at 0.001 change GPT-2's weights by 0.05. Where layers fall ill
 * after one like that, it is to blame. The lecture's deep MLP has 0.002 to 0.01.
 */
const LARGE_UPDATE = 0.03;

/** Median update:data below which a loss that does not move blames the learning rate. */
const SMALLEST_UPDATE = 1e-4;

/** Share of the first loss that a run must have lost after {@link FEWEST_STEPS}. */
const SMALLEST_GAIN = 0.03;

/** Steps before which nothing is said of a slow or a diverging loss. */
const FEWEST_STEPS = 50;

/** Robust standard deviations above the median of the losses before. Noise of batches does not get there in a million steps. */
const SPIKE_DEVIATIONS = 8;

/** Losses that a spike is compared with, and how few suffice. */
const SPIKE_WINDOW = 32;
const SPIKE_FEWEST = 8;

/** A loss that is far above ln V before the first update. */
export function outputTooLarge({ losses, statistics, vocabSize }: RunHistory): RunWarning | undefined {
  const first = losses.at(0);
  if (vocabSize === undefined || first?.step !== 0 || first.loss === null) return undefined;
  const expected = Math.log(vocabSize);
  if (!(first.loss > expected + LARGEST_EXCESS)) return undefined;
  const logits = statistics.at(0)?.records.find(({ kind }) => kind === "logits");
  const std = logits?.std ?? null;
  const spread = std === null ? "" : `; its logits have a standard deviation of ${figure(std)}`;
  return {
    code: "output-too-large",
    severity: "warning",
    where: logits?.name ?? "loss",
    step: 0,
    message: `the first loss is ${figure(first.loss)}, where a model that knows nothing has ln ${vocabSize} = ${figure(expected)}${spread}`,
    cure: "scale the output layer's weight by 0.01 and start its bias at 0",
  };
}

/**
 * Updates that rewrite the weights, or after which layers fall ill; or a loss that ends above its start.
 *
 * @param others - What is wrong with layers, at every step.
 */
export function learningRateTooHigh(
  { losses, statistics }: RunHistory,
  others: readonly RunWarning[],
): RunWarning | undefined {
  const updates = medianUpdates(statistics);
  const course = courseOf(losses);
  const hasRisen = course !== undefined && course.late > course.early + Math.max(LARGEST_EXCESS, 0.2 * course.early);
  const start = updates.find(({ value }) => value > LARGE_UPDATE);
  const many = updates.filter(({ value }) => value > LARGEST_UPDATE).length > MOST_LARGE_UPDATES * updates.length;
  const isIll = start !== undefined && fellIll(others, statistics, start.step);
  if (!many && !isIll && !hasRisen) return undefined;
  const seen = [
    start && `a step changes the weights by ${figure(start.value)} of their spread, where about 0.001 is healthy`,
    hasRisen && `the loss has risen from ${figure(course.early)} to ${figure(course.late)}`,
    isIll && "layers fall ill afterwards",
  ];
  return {
    code: "learning-rate-too-high",
    severity: "warning",
    where: "loss",
    step: start?.step ?? course?.step ?? 0,
    message: seen.filter((part) => part !== undefined && part !== false).join("; "),
    cure: "lower the learning rate ten times, then look again; warm it up over the first steps",
  };
}

/** Whether something that was well at the first look went wrong after `step`. */
function fellIll(others: readonly RunWarning[], statistics: readonly StatisticsLine[], step: number): boolean {
  const first = statistics[0].step;
  return others.some(
    ({ code, step: at }) => at > step && !others.some((other) => other.code === code && other.step === first),
  );
}

/**
 * Updates too small to matter, and a loss that shows it.
 *
 * @param others - What is wrong with layers: where something is, it explains small updates better.
 */
export function learningRateTooLow(
  { losses, statistics }: RunHistory,
  others: readonly RunWarning[],
): RunWarning | undefined {
  if (others.length > 0) return undefined;
  const updates = medianUpdates(statistics);
  const update = median(updates.map(({ value }) => value));
  const course = courseOf(losses);
  if (course === undefined || !(update < SMALLEST_UPDATE)) return undefined;
  if (course.early - course.late > SMALLEST_GAIN * course.early) return undefined;
  return {
    code: "learning-rate-too-low",
    severity: "warning",
    where: "loss",
    step: course.step,
    message:
      `a step changes the weights by ${figure(update)} of their spread, where about 0.001 is healthy, ` +
      `and the loss has hardly moved, from ${figure(course.early)} to ${figure(course.late)}`,
    cure: "raise the learning rate ten times, then look again",
  };
}

/** A loss far above those just before. */
export function lossSpike({ losses }: RunHistory): RunWarning | undefined {
  const finite = finiteLosses(losses);
  const values = Float64Array.from(finite, ({ loss }) => loss);
  for (let index = SPIKE_FEWEST; index < values.length; index++) {
    const { step, loss } = finite[index];
    const start = Math.max(0, index - SPIKE_WINDOW);
    // A spike is a tenth above the median, so above half of the losses by as much. Most are not, and nothing is sorted for them.
    let exceeded = 0;
    for (let i = start; i < index; i++) if (values[i] + 0.1 * Math.max(values[i], 0) < loss) exceeded++;
    if (exceeded < (index - start) >> 1) continue;
    const before = values.subarray(start, index);
    const middle = median(before);
    // 1.4826 times the median distance is the standard deviation of normal noise.
    const deviation = 1.4826 * median(before.map((value) => Math.abs(value - middle)));
    if (loss <= middle + Math.max(SPIKE_DEVIATIONS * deviation, 0.1 * middle)) continue;
    return {
      code: "loss-spike",
      severity: "warning",
      where: "loss",
      step,
      message: `the loss jumps to ${figure(loss)} from about ${figure(middle)}`,
      cure: "clip gradients (gradClip 1), warm the learning rate up or lower it, and look at the batch of that step",
    };
  }
  return undefined;
}

/** The losses that are numbers; others are `not-a-number`'s. */
function finiteLosses(losses: readonly LossRecord[]): { step: number; loss: number }[] {
  return losses.filter((record): record is { step: number; loss: number } => Number.isFinite(record.loss));
}

interface Update {
  readonly step: number;
  /** Median update:data of the matrices. */
  readonly value: number;
}

function medianUpdates(statistics: readonly StatisticsLine[]): Update[] {
  return statistics.flatMap(({ step, records }) => {
    const ratios = records.flatMap(({ updateToData }) => updateToData ?? []);
    return ratios.length === 0 ? [] : [{ step, value: median(ratios) }];
  });
}

/** Mean loss of the first and of the last tenth; undefined for a run that is too short to judge, or that did not start at its beginning. */
function courseOf(losses: readonly LossRecord[]): { early: number; late: number; step: number } | undefined {
  const finite = finiteLosses(losses);
  const last = finite.at(-1);
  if (last === undefined || finite[0].step > 0 || last.step < FEWEST_STEPS) return undefined;
  const tenth = Math.ceil(finite.length / 10);
  const mean = (records: readonly { loss: number }[]): number =>
    records.reduce((sum, { loss }) => sum + loss / records.length, 0);
  return { early: mean(finite.slice(0, tenth)), late: mean(finite.slice(-tenth)), step: last.step };
}
