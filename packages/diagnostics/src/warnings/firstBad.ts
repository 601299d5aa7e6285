/**
 * Where the first NaN or infinity came from.
 */

import type { StatisticsRecord, TensorStatistics } from "../statistics/record.ts";
import type { LossRecord, RunWarning, StatisticsLine } from "./warning.ts";

/** A tensor that holds a NaN or an infinity; where both counts are 0, the largest gradient of a step whose gradients have no finite norm. */
export interface BadTensor {
  /** Of the tap or parameter. */
  readonly name: string;
  /** Whether it is the value, or the gradient that arrives at it. */
  readonly part: "value" | "gradient";
  readonly kind: StatisticsRecord["kind"];
  readonly count: number;
  readonly nanCount: number;
  readonly infinityCount: number;
  /** Euclidean norm of a gradient that holds neither, where it is known. */
  readonly norm?: number;
}

/** Above it, float32 has no sum of squares, and gradients have no norm. */
const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * The first watched tensor of a step, in the order of computation, that holds a NaN or an infinity: parameters, then taps as the forward
 * pass computes them, then gradients as the backward pass does, from the last tap to the first and to the parameters. Where all
 * are finite, and the norm of the parameters' gradients together is not, the largest of them: no step can be taken then.
 *
 * @param records - Of one step, as `summarize` gives them.
 * @returns undefined if all are finite.
 */
export function firstBad(records: readonly StatisticsRecord[]): BadTensor | undefined {
  const parameters = records.filter(({ kind }) => kind === "parameter");
  const taps = records.filter(({ kind }) => kind !== "parameter");
  const isBad = (statistics: StatisticsRecord["gradient"]): boolean =>
    statistics !== null && statistics.nanCount + statistics.infinityCount > 0;
  for (const record of [...parameters, ...taps]) if (isBad(record)) return bad(record, "value");
  for (const record of [...taps.toReversed(), ...parameters.toReversed()]) {
    if (isBad(record.gradient)) return bad(record, "gradient");
  }
  const squares = parameters.map(({ gradient }) => (gradient === null ? 0 : sumOfSquares(gradient)));
  if (squares.reduce((sum, value) => sum + value, 0) <= LARGEST_FLOAT32) return undefined;
  return bad(parameters[squares.lastIndexOf(Math.max(...squares))], "gradient");
}

/** Of all elements, from their mean and deviation; infinite where these were too large to be computed. */
function sumOfSquares({ count, mean, std }: TensorStatistics): number {
  if (mean === null || (std === null && count > 1)) return Infinity;
  return count * mean ** 2 + (count - 1) * (std ?? 0) ** 2;
}

function bad(record: StatisticsRecord, part: BadTensor["part"]): BadTensor {
  const { name, kind } = record;
  const { count, nanCount, infinityCount } = part === "value" ? record : (record.gradient ?? record);
  return { name, part, kind, count, nanCount, infinityCount };
}

/** `the gradient of blocks.0.mlp.hidden: 3 of 64 elements are NaN`, for a message. */
export function describeBad({ name, part, kind, count, nanCount, infinityCount, norm }: BadTensor): string {
  const what = part === "gradient" ? `the gradient of ${name}` : kind === "parameter" ? `the parameter ${name}` : name;
  const counts = [nanCount > 0 && `${nanCount} NaN`, infinityCount > 0 && `${infinityCount} infinite`].filter(Boolean);
  if (counts.length === 0) {
    const size = norm === undefined ? "" : `, of norm ${norm.toPrecision(2)}`;
    return `${what} (the largest${size}: each element is a number, and the norm of all gradients overflows)`;
  }
  return `${what} (${counts.join(" and ")} of ${count} elements)`;
}

/** The warning of the first step at which something is not a number. */
export function notANumber(
  losses: readonly LossRecord[],
  statistics: readonly StatisticsLine[],
): RunWarning | undefined {
  const loss = losses.find((record) => record.loss === null || !Number.isFinite(record.loss));
  const line = statistics.find(({ records }) => firstBad(records) !== undefined);
  const first = line && firstBad(line.records);
  if (line !== undefined && first !== undefined && line.step <= (loss?.step ?? Infinity)) {
    return warning(line.step, first.name, `${describeBad(first)} went bad first`, first);
  }
  return loss && warning(loss.step, "loss", "the loss is not a finite number", undefined);
}

function warning(step: number, where: string, message: string, first: BadTensor | undefined): RunWarning {
  const cure =
    first?.kind === "parameter" && first.part === "value"
      ? "the update before it was bad: lower the learning rate, clip gradients, and go on from the last good checkpoint"
      : "look for a division by zero, the logarithm of zero or an overflow where it was computed; otherwise lower the learning rate";
  return { code: "not-a-number", severity: "error", where, step, message, cure };
}
