/**
 * How well a run's best weights predict a text or lines: the loss over all of it, in nats per token, as perplexity and as bits
 * per byte. What stands where is evaluationSource.ts's to say.
 */

import { availableParallelism } from "node:os";
import type { LanguageModel } from "@llm-learning/models";
import { mixtureOf } from "../data/dataMixture.ts";
import { expectTokenizerOf, findTokenFolder } from "../data/tokenFolder.ts";
import type { Quantization } from "../export/quantizedForms.ts";
import { loadModel } from "../model/loadModel.ts";
import { openRun, type Run } from "../run/openRun.ts";
import { loadRunData } from "../run/runData.ts";
import { namedData, readData } from "../training/sourceData.ts";
import { withUserInput } from "../usageError.ts";
import { evaluationSource, type EvaluationSource, type SourceOptions } from "./evaluationSource.ts";
import { folderSource } from "./folderSource.ts";
import { lossProgram, type LossProgram, quantizedLossProgram } from "./lossProgram.ts";

/** Which part: the one that the run validates with, the one that it trains on, of lines the one that neither sees, or all. */
export type EvaluationSplit = "val" | "train" | "test" | "all";

export const evaluationSplits: readonly EvaluationSplit[] = ["val", "train", "test", "all"];

export interface EvaluateRunOptions {
  /** Another text: a file, a folder (of texts or of token shards) or the name of bundled data. @defaultValue the one that the run trained on */
  readonly data?: string | undefined;
  /** @defaultValue "val"; "all" of another text */
  readonly split?: EvaluationSplit | undefined;
  /** Forms in fewer bits to measure beside the weights as they are. @defaultValue none */
  readonly quantize?: readonly Quantization[] | undefined;
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
  /** Bytes of the weights. */
  readonly weightBytes: number;
  /** The same tokens with the weights in fewer bits; absent where none were asked for. */
  readonly quantized?: readonly QuantizedEvaluation[];
}

/** How well a form of fewer bits predicts what the weights themselves do. */
export interface QuantizedEvaluation {
  readonly form: Quantization;
  /** In nats per token. */
  readonly loss: number;
  /** `exp(loss)` */
  readonly perplexity: number;
  /** `perplexity / perplexity of the weights as they are - 1`; above 0 is worse. */
  readonly change: number;
  readonly weightBytes: number;
}

/** Most tokens and most logits that are computed at once: enough to keep the cores busy, little enough for the memory. */
const TOKENS_PER_BATCH = 4096;
const LOGITS_PER_BATCH = 1 << 24;

/**
 * Evaluates the best checkpoint of the run at `root`.
 *
 * @throws UsageError where the run or the text is missing or damaged, the run's own text has become another, or the text has
 * characters that the run's tokenizer does not know, or
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
  const totals: TotalLoss[][] = [];
  let bytes = 0;
  let milliseconds = 0;
  // Of a mixture, every token counts once, whatever the weights.
  for (const { data: one } of data === undefined ? mixtureOf(path) : namedData(path)) {
    const source = await openSource(one, run, { model, split, most, isOwn: data === undefined });
    const begin = performance.now();
    totals.push(await totalLosses(model, source, { ...options, threads, signal }).finally(source.close));
    milliseconds += performance.now() - begin;
    bytes += source.bytes;
  }
  const [{ nats, count, weightBytes }, ...quantized] = totals.reduce(added);
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
    seconds: milliseconds / 1000,
    weightBytes,
    ...(quantized.length > 0 && {
      quantized: quantized.map((result, index) => ({
        form: options.quantize![index],
        loss: result.nats / count,
        perplexity: Math.exp(result.nats / count),
        change: Math.expm1((result.nats - nats) / count),
        weightBytes: result.weightBytes,
      })),
    }),
  };
}

/** @throws UsageError where the data is missing, damaged or too short. */
async function openSource(
  path: string,
  run: Run,
  { isOwn, ...options }: SourceOptions & { readonly isOwn: boolean },
): Promise<EvaluationSource> {
  return withUserInput(async () => {
    const folder = await findTokenFolder(path);
    if (folder === undefined) return evaluationSource(await readData(path), run, options);
    // The run's own tokens are known by their hash.
    if (!isOwn) expectTokenizerOf(folder, run.tokenizer);
    return folderSource(folder, run, options);
  });
}

interface TotalLoss {
  nats: number;
  count: number;
  readonly weightBytes: number;
}

/** Of the weights as they are, then of each form: all read a batch before the next is made. */
async function totalLosses(
  model: LanguageModel,
  { batches, batchSize, blockSize, targets: total }: EvaluationSource,
  { threads, signal, onProgress, quantize = [] }: EvaluateRunOptions & { threads: number },
): Promise<TotalLoss[]> {
  const sizes = { batchSize, blockSize, threads };
  const programs: LossProgram[] = [];
  try {
    programs.push(await lossProgram(model, sizes));
    for (const form of quantize) programs.push(await quantizedLossProgram(model, form, sizes));
    const totals = programs.map(({ weightBytes }): TotalLoss => ({ nats: 0, count: 0, weightBytes }));
    for (const batch of batches) {
      for (const [index, program] of programs.entries()) {
        signal?.throwIfAborted();
        addLosses(totals[index], await program.run(batch), batch.targets);
      }
      onProgress?.(totals[0].count, total);
    }
    return totals;
  } finally {
    for (const program of programs) await program.dispose();
  }
}

function added(a: readonly TotalLoss[], b: readonly TotalLoss[]): TotalLoss[] {
  return a.map(({ nats, count, weightBytes }, index) => ({
    nats: nats + b[index].nats,
    count: count + b[index].count,
    weightBytes,
  }));
}

function addLosses(total: TotalLoss, losses: Float32Array, targets: Int32Array): void {
  for (let i = 0; i < losses.length; i++) {
    if (targets[i] < 0) continue;
    total.nats += losses[i];
    total.count++;
  }
}
