/**
 * Where the time of a training step goes: some steps under ONNX Runtime's profiler, after some that warm up.
 *
 * The steps are those of training with the same configuration: batches, dropout, gradients, optimizer. Nothing is kept of them.
 */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { compile, type Feeds, namedParameters, type Program, type TensorValue } from "@llm-learning/nn-core";
import { engineModel } from "@llm-learning/onnx";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import type { TrainConfig } from "../config/trainConfig.ts";
import { checkTrainingMemory } from "../training/memoryEstimate.ts";
import type { TrainingData } from "../training/trainingData.ts";
import { gradientOutputs, statisticsOf, threadsOf, traceStep } from "../training/trainingPrograms.ts";
import { TrainingRun } from "../training/trainingRun.ts";
import { TrainingStep } from "../training/trainingStep.ts";
import { UsageError } from "../usageError.ts";
import { layersOf } from "./layers.ts";
import { bareProductRate } from "./productRate.ts";
import { readStepTrace } from "./stepTrace.ts";
import { type OutsideTimes, summarize, type TrainingProfile } from "./trainingProfile.ts";

export interface ProfileOptions {
  /** Steps that are measured. */
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of each step, those that warm up included, and how many there are. */
  readonly onStep?: ((step: number, total: number) => void) | undefined;
}

/** Steps before those that count: buffers are found, caches filled. */
const WARM_UP = 3;

/**
 * Profiles, and writes nothing but a trace in the folder for temporary files, which it removes.
 *
 * @throws UsageError for another engine than onnxruntime, or where model and batches do not fit in memory.
 */
export async function profileTraining(
  config: TrainConfig,
  data: TrainingData,
  { steps, signal, onStep }: ProfileOptions,
): Promise<TrainingProfile> {
  if (config.engine !== "onnxruntime") {
    throw new UsageError(`expected --engine onnxruntime with --profile, got ${config.engine}: the profiler is its own`);
  }
  const { hash: dataHash, tokenizer } = data;
  checkTrainingMemory(config, data);
  // One batch is like the other.
  const single = { ...config, gradientAccumulation: 1 };
  const run = new TrainingRun({ config: single, vocabSize: tokenizer.vocabSize, parts: data, dataHash });
  const { graph, training } = traceStep(run.model, run.batchSize, config);
  const threads = threadsOf(config);
  const folder = await mkdtemp(join(tmpdir(), "llm-learning-profile-"));
  try {
    const engine = onnxruntimeEngine({ threads, profile: join(folder, "step") });
    const program = await compile(engine, graph, { outputs: gradientOutputs(run) });
    const times: OutsideTimes[] = [];
    try {
      const clock = new StepClock(program);
      const step = new TrainingStep(run, { step: clock, training, statistics: statisticsOf(run.model, training) });
      for (let index = 0; index < WARM_UP + steps; index++) {
        // The runtime holds this thread while it computes: Ctrl-C is heard in between.
        await setImmediate();
        signal?.throwIfAborted();
        const begin = performance.now();
        await step.take({ isLast: false });
        if (index >= WARM_UP) times.push(clock.split(begin, performance.now()));
        onStep?.(index + 1, WARM_UP + steps);
      }
    } finally {
      await program.dispose();
    }
    const [file] = await readdir(folder);
    const trace = readStepTrace(await readFile(join(folder, file), "utf8"), WARM_UP);
    const { sources } = engineModel(graph, { threads });
    const place = layersOf(graph, namedParameters(run.model));
    return summarize(trace, {
      times,
      placeOf: (name) => place(sources.get(name)),
      bareRate: await bareProductRate(threads),
    });
  } finally {
    await run.optimizer.dispose();
    run.close();
    await rm(folder, { recursive: true });
  }
}

/** A program that remembers when it was called and when it was done. */
class StepClock implements Program {
  readonly #program: Program;
  #called = 0;
  #done = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  async run(feeds: Feeds): Promise<Record<string, TensorValue>> {
    this.#called = performance.now();
    const outputs = await this.#program.run(feeds);
    this.#done = performance.now();
    return outputs;
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }

  /** The parts of a step from `begin` to `end`, in ms. */
  split(begin: number, end: number): OutsideTimes {
    return { batchMs: this.#called - begin, callMs: this.#done - this.#called, optimizerMs: end - this.#done };
  }
}
