/**
 * Calibration: one pass over a data set that replaces running statistics by the statistics of that data.
 *
 * Running statistics are a moving average over the last batches, each seen with other weights. After training, a pass with the weights
 * at rest gives what the average only estimates (Wu and Johnson 2021, "precise BatchNorm", https://arxiv.org/abs/2105.07576).
 */

import {
  dtypeOf,
  type Engine,
  formatShape,
  graphOf,
  input,
  type Program,
  type Rng,
  type Tensor,
  type Training,
  type TypedArray,
} from "@llm-learning/nn-core";
import { type BatchStatistics, Calibration } from "./calibration.ts";
import { PooledStatistics } from "./pooledStatistics.ts";
import type { RunningStatistics } from "./runningStatistics.ts";

/** A value for each input of the forward pass. */
export type CalibrationBatch = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: TypedArray }>
>;

/**
 * Replaces the running statistics of every layer that `forward` applies by the mean and the unbiased variance of all batches together.
 *
 * Batches may differ in size; each value counts the same. Every batch is normalized by itself, as in training. So the statistics of
 * the first such layer are those of the data set, to the bit rounding, however it is cut; those of later layers are of values that
 * depend on the cut, as they did in training: take batches of the size that training took.
 *
 * The program is compiled anew where a batch has other shapes than the one before, so batches of one size come first, the rest last.
 *
 * @param forward - Applies the model with the `training` it is given; what it returns is not used.
 * @param options - `rng` draws dropout masks, for models that have them.
 * @returns the number of batches.
 * @throws RangeError if there is no batch, or a statistic is not finite; nothing is changed then.
 * @throws Error if `forward` applies no layer that keeps statistics.
 *
 * @example
 * ```ts
 * await calibrate(engine, ({ x }, training) => model.forward(x, training), [{ x: { shape: [32, 10], data } }]);
 * ```
 */
export async function calibrate(
  engine: Engine,
  forward: (inputs: Readonly<Record<string, Tensor>>, training: Training) => unknown,
  batches: Iterable<CalibrationBatch> | AsyncIterable<CalibrationBatch>,
  options: { rng?: Rng } = {},
): Promise<number> {
  const { rng } = options;
  const pools = new Map<RunningStatistics, PooledStatistics>();
  let pass: Pass | undefined;
  let count = 0;
  try {
    for await (const batch of batches) {
      const key = shapesOf(batch);
      if (pass?.key !== key) {
        await pass?.program.dispose();
        pass = undefined;
        pass = await compilePass(engine, forward, batch, key);
      }
      await pool(pass, batch, pools, rng);
      count++;
    }
  } finally {
    await pass?.program.dispose();
  }
  if (count === 0) throw new RangeError("calibrate: expected at least one batch, got none");
  for (const { mean, variance } of pools.values()) {
    const wrong = [...mean, ...variance].find((value) => !Number.isFinite(value));
    if (wrong !== undefined)
      throw new RangeError(`calibrate: expected finite statistics, got ${wrong}; check the data`);
  }
  for (const [running, { mean, variance }] of pools) {
    running.mean.data.set(mean);
    running.variance.data.set(variance);
    running.batches?.data.fill(count);
  }
  return count;
}

/** A program that computes the statistics of batches of one shape. */
interface Pass {
  readonly key: string;
  readonly program: Program;
  readonly training: Calibration;
  readonly observed: readonly (readonly [RunningStatistics, BatchStatistics])[];
}

async function compilePass(
  engine: Engine,
  forward: (inputs: Readonly<Record<string, Tensor>>, training: Training) => unknown,
  batch: CalibrationBatch,
  key: string,
): Promise<Pass> {
  const training = new Calibration();
  const inputs = Object.fromEntries(
    Object.entries(batch).map(([name, { shape, data }]) => [name, input(name, shape, dtypeOf(data))]),
  );
  forward(inputs, training);
  const observed = [...training.observed];
  if (observed.length === 0) {
    throw new Error(
      "calibrate: expected a forward pass with a layer that keeps running statistics, got none; pass `training` on to the layers",
    );
  }
  const outputs = observed.flatMap(([, { mean, variance }], index) => [
    [`mean.${index}`, mean] as const,
    [`variance.${index}`, variance] as const,
  ]);
  // Inputs that no statistic needs, such as targets, are declared so that they may be fed.
  const graph = graphOf(Object.fromEntries(outputs), Object.values(inputs));
  return { key, program: await engine.compile(graph), training, observed };
}

async function pool(
  { program, training, observed }: Pass,
  batch: CalibrationBatch,
  pools: Map<RunningStatistics, PooledStatistics>,
  rng: Rng | undefined,
): Promise<void> {
  const results = await program.run(rng === undefined ? batch : { ...batch, ...training.draw(rng) });
  for (const [index, [running, { count, of }]] of observed.entries()) {
    const pooled = pools.get(running) ?? new PooledStatistics(running.mean.elementCount, of);
    pools.set(running, pooled);
    const values = (name: string) => results[`${name}.${index}`].data as Float32Array;
    pooled.add(values("mean"), values("variance"), count);
  }
}

function shapesOf(batch: CalibrationBatch): string {
  return Object.entries(batch)
    .map(([name, { shape, data }]) => `${name}: ${dtypeOf(data)} ${formatShape(shape)}`)
    .join(", ");
}
