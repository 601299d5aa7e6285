/**
 * What is counted of tasks. Cases of vLLM's `test_metrics.py` (test_metrics_counts, test_metrics_exist, test_abort_metrics_reset), by
 * behaviour.
 */

import { EngineError, type GenerationEvent, type GenerationTask } from "@llm-learning/server";
import { expect, test } from "vitest";
import { MeasuredEngine, type TaskOutcome } from "../../src/metrics/measuredEngine.ts";
import { ServerMetrics } from "../../src/metrics/serverMetrics.ts";
import { saying, type Script, ScriptedEngine } from "../scriptedEngine.ts";

const task: GenerationTask = { requestId: "1", client: "a", prompt: [1, 2, 3], maxTokens: 9, choice: {}, seed: 0 };

function measured(script: Script, embeddingSize?: number) {
  const engine = new ScriptedEngine(script, embeddingSize === undefined ? {} : { embeddingSize });
  const metrics = new ServerMetrics(new Map([["m", { engine }]]));
  const outcomes: TaskOutcome[] = [];
  const options = { onOutcome: (outcome: TaskOutcome) => outcomes.push(outcome), keepTexts: true };
  return { engine, metrics, outcomes, measuring: new MeasuredEngine(engine, "m", metrics, options) };
}

async function readAll(events: AsyncIterable<GenerationEvent>): Promise<GenerationEvent[]> {
  const read: GenerationEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}

/** Samples of a text in Prometheus's format, by their names and labels. */
async function samplesOf(metrics: ServerMetrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

test("a task that ends is counted once, its tokens as its reader saw them", async () => {
  const { measuring, metrics, outcomes } = measured(() => saying("héllo"));
  const events = await readAll(measuring.generate(task));
  await readAll(measuring.generate(task));
  expect(events).toEqual(saying("héllo"));
  const samples = await samplesOf(metrics);
  expect(samples.get('vllm:request_success_total{model_name="m",finished_reason="stop"}')).toBe(2);
  expect(samples.get('vllm:prompt_tokens_total{model_name="m"}')).toBe(2 * 3);
  expect(samples.get('vllm:generation_tokens_total{model_name="m"}')).toBe(2 * 6);
  expect(samples.get('vllm:time_to_first_token_seconds_count{model_name="m"}')).toBe(2);
  expect(samples.get('vllm:inter_token_latency_seconds_count{model_name="m"}')).toBe(2 * 5);
  expect(samples.get('vllm:request_time_per_output_token_seconds_count{model_name="m"}')).toBe(2);
  expect(samples.get('vllm:e2e_request_latency_seconds_count{model_name="m"}')).toBe(2);
  expect(samples.get('vllm:request_prompt_tokens_sum{model_name="m"}')).toBe(2 * 3);
  expect(samples.get('vllm:request_generation_tokens_sum{model_name="m"}')).toBe(2 * 6);
  expect(samples.get('vllm:request_params_max_tokens_sum{model_name="m"}')).toBe(2 * 9);
  expect(outcomes[0]).toMatchObject({
    model: "m",
    promptTokens: 3,
    completionTokens: 6,
    reason: "stop",
    text: "héllo",
  });
});

test("the token that ended a text is generated too, though no event has it", async () => {
  const end: GenerationEvent = { type: "end", reason: "stop", stopped: 0, text: "", completionTokens: 2 };
  const { measuring, metrics } = measured(() => [
    { type: "prompt", cachedTokens: 0, queuedSeconds: 2 },
    { type: "token", token: 97, text: "a" },
    end,
  ]);
  await readAll(measuring.generate(task));
  const samples = await samplesOf(metrics);
  expect(samples.get('vllm:generation_tokens_total{model_name="m"}')).toBe(2);
  expect(samples.get('vllm:inter_token_latency_seconds_count{model_name="m"}')).toBe(1);
  expect(samples.get('vllm:request_queue_time_seconds_sum{model_name="m"}')).toBe(2);
});

test("a reader that leaves aborts a task, whose tokens so far are counted, but not its time", async () => {
  const { measuring, metrics, outcomes } = measured(() => saying("hello"));
  for await (const event of measuring.generate(task)) if (event.type === "token") break;
  const controller = new AbortController();
  const reading = (async () => {
    for await (const event of measuring.generate(task, controller.signal)) {
      if (event.type === "token") controller.abort(new Error("gone"));
    }
  })();
  await expect(reading).rejects.toThrow("gone");
  const samples = await samplesOf(metrics);
  expect(samples.get('vllm:request_success_total{model_name="m",finished_reason="abort"}')).toBe(2);
  expect(samples.get('vllm:generation_tokens_total{model_name="m"}')).toBe(2);
  expect(samples.get('vllm:e2e_request_latency_seconds_count{model_name="m"}')).toBeUndefined();
  expect(outcomes.map(({ reason, completionTokens }) => [reason, completionTokens])).toEqual([
    ["abort", 1],
    ["abort", 1],
  ]);
});

test("a task that fails is an error, and one that never began read no prompt", async () => {
  const { measuring, metrics } = measured(() => {
    throw new EngineError("queue_full", "too many tasks wait");
  });
  await expect(readAll(measuring.generate(task))).rejects.toThrow("too many tasks wait");
  const samples = await samplesOf(metrics);
  expect(samples.get('vllm:request_success_total{model_name="m",finished_reason="error"}')).toBe(1);
  expect(samples.get('vllm:prompt_tokens_total{model_name="m"}')).toBe(0);
});

test("embeddings count their prompts", async () => {
  const { measuring, metrics } = measured(() => [], 4);
  await measuring.embed({ requestId: "1", client: "a", prompt: [1, 2, 3] });
  const samples = await samplesOf(metrics);
  expect(samples.get('vllm:prompt_tokens_total{model_name="m"}')).toBe(3);
  expect(samples.get('vllm:request_success_total{model_name="m",finished_reason="stop"}')).toBe(1);
  const without = measured(() => []);
  await expect(without.measuring.embed({ requestId: "1", client: "a", prompt: [1] })).rejects.toThrow("no embeddings");
  expect(without.outcomes).toMatchObject([{ reason: "error", promptTokens: 0 }]);
});

test("gauges and the prefix cache are the engine's statistics at the time they are read", async () => {
  const { engine, metrics } = measured(() => []);
  engine.statistics = { running: 3, waiting: 2, slots: 4, cacheUsage: 0.25, prefixQueries: 100, prefixHits: 40 };
  await samplesOf(metrics);
  const samples = await samplesOf(metrics);
  expect(samples.get('vllm:num_requests_running{model_name="m"}')).toBe(3);
  expect(samples.get('vllm:num_requests_waiting{model_name="m"}')).toBe(2);
  expect(samples.get('vllm:kv_cache_usage_perc{model_name="m"}')).toBe(0.25);
  expect(samples.get('vllm:prefix_cache_queries_total{model_name="m"}')).toBe(100);
  expect(samples.get('vllm:prefix_cache_hits_total{model_name="m"}')).toBe(40);
});
