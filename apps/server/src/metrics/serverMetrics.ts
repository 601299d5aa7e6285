/**
 * What is counted, under the names that vLLM gives it and with its label `model_name`; only what is true of this server is there.
 *
 * A task is one prompt and one answer to it: a request for three answers is three tasks, as it is in vLLM. Process metrics are
 * prom-client's own.
 *
 * @see https://docs.vllm.ai/en/latest/usage/metrics.html
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Engine, EngineStats } from "../engine/engine.ts";
import { betweenTokensBuckets, firstTokenBuckets, requestBuckets, tokenCountBuckets } from "./buckets.ts";
import type { MetricsSnapshot } from "./gatheredMetrics.ts";

/** How a task ended: as its text did, or because its reader left, or because it failed. */
export type FinishedReason = "stop" | "length" | "abort" | "error";

const finishedReasons: readonly FinishedReason[] = ["stop", "length", "abort", "error"];

/** The metrics of a server. */
export class ServerMetrics {
  readonly registry = new Registry();
  /** Answers over HTTP, by method, route and status; of routes the pattern, never the URL. */
  readonly httpRequests: Counter<"method" | "route" | "status">;
  readonly promptTokens: Counter<"model_name">;
  readonly generationTokens: Counter<"model_name">;
  readonly finished: Counter<"model_name" | "finished_reason">;
  readonly firstToken: Histogram<"model_name">;
  readonly betweenTokens: Histogram<"model_name">;
  readonly timePerToken: Histogram<"model_name">;
  readonly wholeRequest: Histogram<"model_name">;
  readonly queueTime: Histogram<"model_name">;
  readonly promptTokensOfRequest: Histogram<"model_name">;
  readonly generationTokensOfRequest: Histogram<"model_name">;
  readonly maxTokensOfRequest: Histogram<"model_name">;

  /** @param models - Those that are served, by their names: looked at whenever metrics are read. */
  constructor(models: ReadonlyMap<string, { readonly engine: Engine }>) {
    const shared = { labelNames: ["model_name"] as const, registers: [this.registry] };
    const counter = (name: string, help: string) => new Counter({ ...shared, name, help });
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ ...shared, name, help, buckets });
    this.httpRequests = new Counter({
      name: "http_requests_total",
      help: "Answers over HTTP.",
      labelNames: ["method", "route", "status"],
      registers: [this.registry],
    });
    this.promptTokens = counter("vllm:prompt_tokens_total", "Number of prefill tokens processed.");
    this.generationTokens = counter("vllm:generation_tokens_total", "Number of generation tokens processed.");
    this.finished = new Counter({
      name: "vllm:request_success_total",
      help: "Count of finished requests, by how they finished.",
      labelNames: ["model_name", "finished_reason"],
      registers: [this.registry],
    });
    this.firstToken = histogram("vllm:time_to_first_token_seconds", "Time to first token.", firstTokenBuckets);
    this.betweenTokens = histogram("vllm:inter_token_latency_seconds", "Time between tokens.", betweenTokensBuckets);
    this.timePerToken = histogram(
      "vllm:request_time_per_output_token_seconds",
      "Mean time between the tokens of a request.",
      betweenTokensBuckets,
    );
    this.wholeRequest = histogram("vllm:e2e_request_latency_seconds", "Time of a whole request.", requestBuckets);
    this.queueTime = histogram("vllm:request_queue_time_seconds", "Time spent waiting for a slot.", requestBuckets);
    this.promptTokensOfRequest = histogram("vllm:request_prompt_tokens", "Tokens of a prompt.", tokenCountBuckets);
    this.generationTokensOfRequest = histogram(
      "vllm:request_generation_tokens",
      "Tokens of an answer.",
      tokenCountBuckets,
    );
    this.maxTokensOfRequest = histogram("vllm:request_params_max_tokens", "Most tokens asked for.", tokenCountBuckets);

    const read = { ...shared, registers: [] };
    const statistics = {
      "vllm:num_requests_running": ["Requests that hold a slot.", "running", "sum"],
      "vllm:num_requests_waiting": ["Requests that wait for a slot.", "waiting", "sum"],
      "vllm:kv_cache_usage_perc": ["KV-cache usage; 1 means all of it.", "cacheUsage", "average"],
    } as const;
    for (const [name, [help, key, aggregator]] of Object.entries(statistics)) {
      const gauge = { ...read, name, help, aggregator, collect: collected(models, key) };
      this.registry.registerMetric(new Gauge(gauge));
    }
    const totals = {
      "vllm:prefix_cache_queries_total": ["Tokens looked for in the prefix cache.", "prefixQueries"],
      "vllm:prefix_cache_hits_total": ["Tokens found in the prefix cache.", "prefixHits"],
    } as const;
    for (const [name, [help, key]] of Object.entries(totals)) {
      this.registry.registerMetric(new Counter({ ...read, name, help, collect: collected(models, key) }));
    }
    for (const model of models.keys()) this.#startAtZero(model);
  }

  /** All of it, and the process's, in Prometheus's text format. */
  async text(): Promise<string> {
    return (await this.registry.metrics()) + (await processMetrics().metrics());
  }

  /** The same as data, for {@link MetricsGatherer}. */
  async snapshot(): Promise<MetricsSnapshot> {
    return [...(await this.registry.getMetricsAsJSON()), ...(await processMetrics().getMetricsAsJSON())];
  }

  /** A counter that is not there until something happened has no rate of increase. */
  #startAtZero(model: string): void {
    this.promptTokens.inc({ model_name: model }, 0);
    this.generationTokens.inc({ model_name: model }, 0);
    for (const reason of finishedReasons) this.finished.inc({ model_name: model, finished_reason: reason }, 0);
  }
}

let registry: Registry | undefined;

/** Memory, processor time, event loop and garbage collection of this process: once, however many apps it has. */
function processMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}

/** What brings a gauge or a counter up to an engine's statistics whenever it is read. */
function collected(models: ReadonlyMap<string, { readonly engine: Engine }>, key: keyof EngineStats) {
  return function (this: Gauge<"model_name"> | Counter<"model_name">): void {
    this.reset();
    for (const [model, { engine }] of models) this.inc({ model_name: model }, engine.stats()[key]);
  };
}
