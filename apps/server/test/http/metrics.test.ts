import { buildApp } from "@llm-learning/server";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

test("metrics have vLLM's names, from the start, and those of the process", async () => {
  const app = await buildApp(contextOf([scriptedModel(() => saying("hi"))]));
  const response = await app.inject("/metrics");
  expect(response.headers["content-type"]).toContain("text/plain; version=0.0.4");
  for (const name of [
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:kv_cache_usage_perc",
    "vllm:prompt_tokens_total",
    "vllm:generation_tokens_total",
    "vllm:prefix_cache_queries_total",
    "vllm:prefix_cache_hits_total",
    "vllm:request_success_total",
  ]) {
    expect(response.body).toContain(`${name}{model_name="scripted"`);
  }
  for (const name of [
    "vllm:time_to_first_token_seconds",
    "vllm:inter_token_latency_seconds",
    "vllm:e2e_request_latency_seconds",
    "vllm:request_queue_time_seconds",
    "process_resident_memory_bytes",
    "nodejs_eventloop_lag_seconds",
  ]) {
    expect(response.body).toContain(`# TYPE ${name} `);
  }
  await app.close();
});

test("answers are counted by the pattern of their route, whatever addresses callers make up", async () => {
  const app = await buildApp(contextOf([scriptedModel(() => saying("hi"))]));
  await app.inject("/v1/models/scripted");
  await app.inject("/v1/models/other");
  for (let index = 0; index < 3; index++) await app.inject(`/nothing/${index}?secret`);
  const { body } = await app.inject("/metrics");
  expect(body).toContain('http_requests_total{method="GET",route="/v1/models/:model",status="200"} 1');
  expect(body).toContain('http_requests_total{method="GET",route="/v1/models/:model",status="404"} 1');
  expect(body).toContain('http_requests_total{method="GET",route="none",status="404"} 3');
  expect(body).not.toContain("secret");
  await app.close();
});

test("where several processes serve a port, the metrics are those of all", async () => {
  const clusterMetrics = { share: () => undefined, text: async () => "of all\n" };
  const app = await buildApp({ ...contextOf([scriptedModel(() => saying("hi"))]), clusterMetrics });
  expect((await app.inject("/metrics")).body).toBe("of all\n");
  await app.close();
});
