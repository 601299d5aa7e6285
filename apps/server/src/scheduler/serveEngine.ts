/**
 * The side of an engine that runs the model: takes requests from a port and answers them with reports, tick by tick.
 */

import { readFile } from "node:fs/promises";
import type { MessagePort } from "node:worker_threads";
import type { TokenDecoder } from "@llm-learning/onnx";
import { openSlotRuntime, type SlotRuntime } from "@llm-learning/onnx/node";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { tokenizerOf } from "../model/tokenizerOf.ts";
import type { EngineReply, EngineRequest } from "./engineMessages.ts";
import type { EngineOptions } from "./engineOptions.ts";
import type { RunParts } from "./prepareRun.ts";
import { Backpressure } from "./backpressure.ts";
import { Scheduler } from "./scheduler.ts";
import { TextForms } from "./textForms.ts";
import { taskFailure, type TaskReport } from "./taskReport.ts";

/** Milliseconds between two statistics. */
const STATS_INTERVAL = 100;

/** Opens the model and serves requests until one says "close". */
export async function serveEngine(port: MessagePort, options: EngineOptions): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin, unlike a window
  const reply = (message: EngineReply): void => port.postMessage(message);
  try {
    const tokenizer = tokenizerOf({ tokenizerText: await readFile(options.tokenizerFile, "utf8") });
    const runtime = await openRuntime(options, tokenizer);
    // Whoever gives hidden states tells their size with the first.
    const hidden = await runtime.hiddenStates?.([0]);
    const server = new EngineServer(reply, { runtime, tokenizer, options });
    port.on("message", (request: EngineRequest) => {
      if (request.type !== "close") server.take(request);
      // Without the port, nothing is left that keeps the thread.
      else void server.close().then(() => port.close());
    });
    const { blockSize, vocabSize, slots, mode, reason, bytesPerSlot } = runtime;
    const embeddingSize = hidden?.size;
    reply({ type: "ready", model: { blockSize, vocabSize, embeddingSize, slots, mode, reason, bytesPerSlot } });
  } catch (error) {
    reply({ type: "refused", error });
    port.close();
  }
}

async function openRuntime(options: EngineOptions, tokenizer: Tokenizer): Promise<SlotRuntime> {
  const { modelFile, slots = 16, blockSize, threads, binding, optimization } = options;
  const runtime = await openSlotRuntime(modelFile, {
    slots,
    blockSize,
    binding,
    ...(threads !== undefined && { threads }),
    ...(optimization !== undefined && { optimization }),
  });
  if (tokenizer.vocabSize <= runtime.vocabSize) return runtime;
  await runtime.dispose();
  throw new RangeError(
    `openEngine: expected a tokenizer of at most the model's ${runtime.vocabSize} tokens, got one of ${tokenizer.vocabSize}; ` +
      "are tokenizer.json and the model of one directory?",
  );
}

interface ServerParts {
  readonly runtime: SlotRuntime;
  readonly tokenizer: Tokenizer;
  readonly options: EngineOptions;
}

/** A scheduler behind messages. */
class EngineServer {
  readonly #reply: (message: EngineReply) => void;
  readonly #runtime: SlotRuntime;
  readonly #scheduler: Scheduler;
  readonly #backpressure = new Backpressure();
  #statsTimer: NodeJS.Timeout | undefined;

  constructor(reply: (message: EngineReply) => void, { runtime, tokenizer, options }: ServerParts) {
    this.#reply = reply;
    this.#runtime = runtime;
    const decoder: RunParts["decoder"] = ({ specialTokens }) => decoderOf(tokenizer, specialTokens);
    const forms = new TextForms(tokenizer, runtime.vocabSize);
    const constrain: RunParts["constrain"] = (constraint, stopIds) => forms.hold(constraint, stopIds);
    this.#scheduler = new Scheduler(
      {
        runtime,
        decoder,
        constrain,
        onReports: (reports) => this.#tell(reports),
        roomForReports: () => this.#backpressure.room(),
      },
      options,
    );
  }

  take(request: Exclude<EngineRequest, { type: "close" }>): void {
    if (request.type === "acknowledge") return this.#backpressure.acknowledged();
    if (request.type === "cancel") return this.#scheduler.cancel(request.id);
    try {
      if (request.type === "embed") this.#scheduler.embed(request.id, request.task);
      else this.#scheduler.generate(request.id, request.task);
    } catch (error) {
      this.#tell([{ id: request.id, failure: taskFailure(error) }]);
    }
    this.#statsTimer ??= setInterval(() => this.#sendStats(), STATS_INTERVAL);
  }

  async close(): Promise<void> {
    await this.#scheduler.close();
    clearInterval(this.#statsTimer);
    await this.#runtime.dispose();
  }

  #tell(reports: readonly TaskReport[]): void {
    this.#backpressure.sent();
    this.#reply({ type: "reports", reports, stats: this.#scheduler.stats() });
  }

  /** Statistics, again and again while there is something to do: reports, which bring their own, may be long in coming. */
  #sendStats(): void {
    const stats = this.#scheduler.stats();
    this.#reply({ type: "stats", stats });
    if (stats.running + stats.waiting > 0) return;
    clearInterval(this.#statsTimer);
    this.#statsTimer = undefined;
  }
}

/** Models may have more scores than there are tokens, so that sizes are round; such a token has no text. */
function decoderOf(tokenizer: Tokenizer, specialTokens: boolean): TokenDecoder {
  const stream = tokenizer.decodeStream({ skipSpecialTokens: !specialTokens });
  return {
    push: (id) => (id < tokenizer.vocabSize ? stream.push(id) : ""),
    end: () => stream.end(),
  };
}
