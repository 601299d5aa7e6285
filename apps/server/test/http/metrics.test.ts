import { buildApp, EngineError } from "@llm-learning/server";
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

test("counters add up to what clients saw, whatever became of their requests", async () => {
  const model = scriptedModel(function* (task) {
    yield { type: "prompt", cachedTokens: 0 };
    for (const text of "abc") yield { type: "token", token: text.charCodeAt(0), text };
    if (task.prompt.length === 2) throw new EngineError("failed", "the runtime failed");
    yield { type: "end", reason: "stop", stopped: 0, text: "", completionTokens: 4 };
  });
  const app = await buildApp(contextOf([model]));
  const seen = { promptTokens: 0, completionTokens: 0, statuses: new Map<number, number>() };
  const complete = async (payload: object) => {
    const response = await app.inject({ method: "POST", url: "/v1/completions", payload });
    seen.statuses.set(response.statusCode, (seen.statuses.get(response.statusCode) ?? 0) + 1);
    const lines = response.body.split("\n\n").filter((line) => line.startsWith("data: {"));
    const answers = lines.length > 0 ? lines.map((line) => JSON.parse(line.slice(6))) : [response.json()];
    for (const { usage } of answers) {
      seen.promptTokens += usage?.prompt_tokens ?? 0;
      seen.completionTokens += usage?.completion_tokens ?? 0;
    }
  };
  await complete({ prompt: "abc" });
  await complete({ prompt: ["abc", "abcd"], stream: true, stream_options: { include_usage: true } });
  await complete({ prompt: "abc", n: 1, max_tokens: 0 });
  await complete({ prompt: "ab" });
  await complete({ prompt: "abc", temperature: -1 });
  await complete({ prompt: "abc", model: "other" });
  const { body } = await app.inject("/metrics");
  const valueOf = (name: string) =>
    Number(
      body
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.split(" ")[1],
    );
  // The one that failed read 2 tokens and wrote 3, which its client was not told.
  expect(valueOf('vllm:prompt_tokens_total{model_name="scripted"}')).toBe(seen.promptTokens + 2);
  expect(valueOf('vllm:generation_tokens_total{model_name="scripted"}')).toBe(seen.completionTokens + 3);
  expect(valueOf('vllm:request_success_total{model_name="scripted",finished_reason="stop"}')).toBe(4);
  expect(valueOf('vllm:request_success_total{model_name="scripted",finished_reason="error"}')).toBe(1);
  for (const [status, requests] of seen.statuses) {
    expect(valueOf(`http_requests_total{method="POST",route="/v1/completions",status="${status}"}`)).toBe(requests);
  }
  expect([...seen.statuses].toSorted()).toEqual([
    [200, 3],
    [400, 1],
    [404, 1],
    [500, 1],
  ]);
  await app.close();
});
