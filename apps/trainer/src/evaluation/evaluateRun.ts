/**
 * How well a run's best weights predict a text or lines: the loss over all of it, in nats per token, as perplexity and as bits
 * per byte. What stands where is evaluationSource.ts's to say.
 */

import { availableParallelism } from "node:os";
import type { LanguageModel } from "@llm-learning/models";
import { compile, crossEntropy, type Program, trace } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { loadModel } from "../model/loadModel.ts";
import { openRun } from "../run/openRun.ts";
import { loadRunData } from "../run/runData.ts";
import { readData } from "../training/sourceData.ts";
import { batchShapes } from "../training/trainingExamples.ts";
import { withUserInput } from "../usageError.ts";
import { evaluationSource, type EvaluationSource } from "./evaluationSource.ts";

/** Which part: the one that the run validates with, the one that it trains on, of lines the one that neither sees, or all. */
export type EvaluationSplit = "val" | "train" | "test" | "all";

export const evaluationSplits: readonly EvaluationSplit[] = ["val", "train", "test", "all"];

export interface EvaluateRunOptions {
  /** Another text: a file, a folder or the name of bundled data. @defaultValue the one that the run trained on */
  readonly data?: string | undefined;
  /** @defaultValue "val"; "all" of another text */
  readonly split?: EvaluationSplit | undefined;
  /** Threads of ONNX Runtime. @defaultValue the cores at hand */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((tokens: number, of: number) => void) | undefined;
}

export interface Evaluation {
  readonly data: string;
  readonly split: EvaluationSplit;
  /** Steps behind the weights. */
  readonly step: number;
  /** Mean negative log-likelihood, in nats per token. */
  readonly loss: number;
  /** `exp(loss)` */
  readonly perplexity: number;
  /** `loss * tokens / (ln 2 * bytes)`: comparable between tokenizers. */
  readonly bitsPerByte: number;
  /** Tokens predicted: of a text all but the first ones, of lines all and every line's end. */
  readonly tokens: number;
  /** Their size in UTF-8. */
  readonly bytes: number;
  readonly seconds: number;
}

/** Most tokens and most logits that are computed at once: enough to keep the cores busy, little enough for the memory. */
const TOKENS_PER_BATCH = 4096;
const LOGITS_PER_BATCH = 1 << 24;

/**
 * Evaluates the best checkpoint of the run at `root`.
 *
 * @throws UsageError where the run or the text is missing or damaged, the run's own text has become another, has characters that the run's tokenizer does not know, or
 * is too short.
 */
export async function evaluateRun(root: string, options: EvaluateRunOptions = {}): Promise<Evaluation> {
  const { data, split = data === undefined ? "val" : "all", threads = availableParallelism(), signal } = options;
  const run = await openRun(root);
  const { model, step, dataHash } = await loadModel(run, "best");
  // Of a text that has changed, what is called its validation part may have been trained on.
  if (data === undefined) await loadRunData(run, dataHash);
  const path = data ?? run.config.data;
  const most = Math.min(TOKENS_PER_BATCH, LOGITS_PER_BATCH / model.config.vocabSize);
  const source = await withUserInput(async () => evaluationSource(await readData(path), run, { model, split, most }));
  const begin = performance.now();
  const { nats, count } = await totalLoss(model, source, { ...options, threads, signal });
  const { bytes } = source;
  const loss = nats / count;
  return {
    data: path,
    split,
    step,
    loss,
    perplexity: Math.exp(loss),
    bitsPerByte: nats / (Math.LN2 * bytes),
    tokens: count,
    bytes,
    seconds: (performance.now() - begin) / 1000,
  };
}

async function totalLoss(
  model: LanguageModel,
  { batches, batchSize, blockSize, targets: total }: EvaluationSource,
  { threads, signal, onProgress }: EvaluateRunOptions & { threads: number },
): Promise<{ nats: number; count: number }> {
  const program = await compileLosses(model, { batchSize, blockSize }, threads);
  let nats = 0;
  let count = 0;
  try {
    for (const { inputs, targets } of batches) {
      signal?.throwIfAborted();
      const { losses } = await program.run({ inputs, targets });
      const values = losses.data as Float32Array; // [B, T] or [B], 0 where nothing is asked
      for (let i = 0; i < values.length; i++) {
        if (targets[i] < 0) continue;
        nats += values[i];
        count++;
      }
      onProgress?.(count, total);
    }
  } finally {
    await program.dispose();
  }
  return { nats, count };
}

/** The forward pass alone: the loss of every token. */
async function compileLosses(
  model: LanguageModel,
  { batchSize, blockSize }: { batchSize: number; blockSize: number },
  threads: number,
): Promise<Program> {
  const shapes = batchShapes(batchSize, { predicts: model.predicts, blockSize });
  const spec = {
    inputs: { shape: shapes.inputs, dtype: "int32" },
    targets: { shape: shapes.targets, dtype: "int32" },
  } as const;
  const graph = trace(spec, ({ inputs, targets }) => ({
    losses: crossEntropy(model.forward(inputs).logits, targets, { ignoreIndex: -1, reduction: "none" }),
  }));
  return compile(onnxruntimeEngine({ threads }), graph);
}
