/**
 * How well a run's best weights predict a text: the loss over the whole of it, in nats per token, as perplexity and as bits
 * per byte.
 *
 * Windows of the model's context stand side by side, as in training: every token but the first is predicted exactly once, those at
 * the start of a window with little before them.
 */

import { availableParallelism } from "node:os";
import { encodeText, sequentialBatches, type TokenArray } from "@llm-learning/datasets";
import type { GPT } from "@llm-learning/models";
import { compile, crossEntropy, type Program, trace } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { loadModel } from "../model/loadModel.ts";
import { openRun, type Run } from "../run/openRun.ts";
import { expectKnownCharacters } from "../generation/promptTokens.ts";
import { splitText } from "../training/splitText.ts";
import { readData } from "../training/trainingData.ts";
import { withUserInput } from "../usageError.ts";
import { predictedBytes } from "./predictedBytes.ts";

/** Which part of the text: the part that the run validates with, the one that it trains on, or all. */
export type EvaluationSplit = "val" | "train" | "all";

export const evaluationSplits: readonly EvaluationSplit[] = ["val", "train", "all"];

export interface EvaluateRunOptions {
  /** Another text: a file, a folder or the name of a bundled book. @defaultValue the one that the run trained on */
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
  /** Tokens predicted: all but the first. */
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
 * @throws UsageError where the run or the text is missing or damaged, has characters that the run's tokenizer does not know, or
 * is too short.
 */
export async function evaluateRun(root: string, options: EvaluateRunOptions = {}): Promise<Evaluation> {
  const { data, split = data === undefined ? "val" : "all", threads = availableParallelism(), signal } = options;
  const run = await openRun(root);
  const { model, step } = await loadModel(run, "best");
  const source = data ?? run.config.data;
  const text = partOf(await withUserInput(() => readData(source)), run, split);
  const tokens = await withUserInput(() => tokensOf(text, run, split));
  const begin = performance.now();
  const { nats, count } = await totalLoss(model, tokens, { ...options, threads, signal });
  const bytes = predictedBytes(text, run.tokenizer);
  const loss = nats / count;
  return {
    data: source,
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

function partOf(text: string, { config }: Run, split: EvaluationSplit): string {
  if (split === "all") return text;
  const [train, validation] = splitText(text, config.validationFraction);
  return split === "train" ? train : validation;
}

function tokensOf(text: string, { tokenizer }: Run, split: EvaluationSplit): TokenArray {
  expectKnownCharacters(tokenizer, text, "a text");
  const tokens = encodeText(text, tokenizer);
  if (tokens.length >= 2) return tokens;
  throw new RangeError(`expected at least 2 tokens in the ${split} part of the text, got ${tokens.length}`);
}

async function totalLoss(
  model: GPT,
  tokens: TokenArray,
  { threads, signal, onProgress }: EvaluateRunOptions & { threads: number },
): Promise<{ nats: number; count: number }> {
  const blockSize = Math.min(model.config.blockSize, tokens.length - 1);
  const windows = Math.ceil((tokens.length - 1) / blockSize);
  const most = Math.min(TOKENS_PER_BATCH, LOGITS_PER_BATCH / model.config.vocabSize);
  const batchSize = Math.min(windows, Math.max(1, Math.floor(most / blockSize)));
  const program = await compileLosses(model, [batchSize, blockSize], threads);
  let nats = 0;
  let count = 0;
  try {
    for (const { inputs, targets } of sequentialBatches(tokens, { batchSize, blockSize })) {
      signal?.throwIfAborted();
      const { losses } = await program.run({ inputs, targets });
      const values = losses.data as Float32Array; // [B, T], 0 where nothing is asked
      for (let i = 0; i < values.length; i++) {
        if (targets[i] < 0) continue;
        nats += values[i];
        count++;
      }
      onProgress?.(count, tokens.length - 1);
    }
  } finally {
    await program.dispose();
  }
  return { nats, count };
}

/** The forward pass alone: the loss of every token. */
async function compileLosses(model: GPT, shape: readonly number[], threads: number): Promise<Program> {
  const spec = { shape, dtype: "int32" } as const; // [B, T]
  const graph = trace({ inputs: spec, targets: spec }, ({ inputs, targets }) => ({
    losses: crossEntropy(model.forward(inputs).logits, targets, { ignoreIndex: -1, reduction: "none" }),
  }));
  return compile(onnxruntimeEngine({ threads }), graph);
}
