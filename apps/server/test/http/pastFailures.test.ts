/**
 * Failures that servers of language models have had: each is a request that must be refused, or must not hurt anybody else.
 * `docs/serving-security.md` lists them with the tests of those that are not about requests.
 */

import { type App, buildApp, type GenerationEvent, type GenerationTask } from "@llm-learning/server";
import { afterAll, expect, test } from "vitest";
import { saying, ScriptedEngine } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

const { engine } = scriptedModel(() => saying("hi"));
const app = await buildApp(contextOf([{ ...scriptedModel(() => []), engine }], { maxChoices: 4, maxPrompts: 4 }));
afterAll(() => app.close());

const messages = [{ role: "user", content: "Hi" }];

/** Those of the bodies that a route does not refuse, or that reach the engine. */
async function notRefused(url: string, bodies: readonly Readonly<Record<string, unknown>>[]): Promise<object[]> {
  const passed: object[] = [];
  for (const body of bodies) {
    const before = engine.tasks.length;
    const base = url === "/v1/chat/completions" ? { messages } : { prompt: "a" };
    const response = await app.inject({ method: "POST", url, payload: { ...base, ...body } });
    const isRefused = response.statusCode === 400 && response.json().error.type === "invalid_request_error";
    if (!isRefused || engine.tasks.length > before) passed.push(body);
  }
  return passed;
}

test("templates of a caller's are refused, and text of a template's in a message stays text", async () => {
  const template = "{{ 7 * 7 }}";
  const passed = await notRefused("/v1/chat/completions", [
    { chat_template: template },
    { chat_template_kwargs: { a: 1 } },
    { template },
  ]);
  expect(passed).toEqual([]);
  const payload = { messages: [{ role: "user", content: template }] };
  const response = await app.inject({ method: "POST", url: "/v1/chat/completions", payload });
  expect(response.statusCode).toBe(200);
  expect(Buffer.from(engine.tasks.at(-1)?.prompt ?? []).toString()).toBe(`user: ${template}\nassistant:`);
});

test("penalties and temperatures that are no numbers, or beyond their ranges, are refused", async () => {
  for (const url of ["/v1/completions", "/v1/chat/completions"]) {
    const passed = await notRefused(url, [
      { frequency_penalty: 2.1 },
      { presence_penalty: -3 },
      { frequency_penalty: "1" },
      { repetition_penalty: 0 },
      { repetition_penalty: -1 },
      { repetition_penalty: 1e9 },
      { temperature: -1 },
      { temperature: 1e9 },
      { top_p: 1.5 },
      { top_p: -0.1 },
      { top_k: -2 },
      { min_p: 2 },
    ]);
    expect(passed).toEqual([]);
  }
  const payload = '{"prompt":"a","repetition_penalty":1e999}';
  const headers = { "content-type": "application/json" };
  expect((await app.inject({ method: "POST", url: "/v1/completions", headers, payload })).statusCode).toBe(400);
});

test("ids that are no tokens are refused wherever ids are taken", async () => {
  const passed = await notRefused("/v1/completions", [
    { prompt: [256] },
    { prompt: [-1] },
    { prompt: [[1], [2 ** 31]] },
    { prompt: [1.5] },
    { stop_token_ids: [256] },
    { logit_bias: { 256: 1 } },
    { logit_bias: { "-1": 1 } },
    { logit_bias: { a: 1 } },
  ]);
  expect(passed).toEqual([]);
});

test("counts, lengths and numbers of things have limits", async () => {
  const many = Array.from({ length: 5 }, (_, index) => String(index));
  const passed = await notRefused("/v1/completions", [
    { n: 5 },
    { n: 1e9 },
    { n: 0 },
    { best_of: 1e9 },
    { max_tokens: 1e9 },
    { max_tokens: -1 },
    { logprobs: 1000 },
    { prompt: many },
    { prompt: "a".repeat(100_000) },
    { prompt: Array(1000).fill(1) },
    { stop: Array(1000).fill("a") },
    { stop: "a".repeat(100_000) },
    { stop: "" },
    { stop_token_ids: Array(1000).fill(1) },
    { logit_bias: Object.fromEntries(Array.from({ length: 2000 }, (_, id) => [id, 1])) },
    { seed: 1e300 },
    { timeout: 1e9 },
    { model: "a".repeat(1000) },
  ]);
  expect(passed).toEqual([]);
  const passedChats = await notRefused("/v1/chat/completions", [
    { n: 5 },
    { max_tokens: 1e9 },
    { logprobs: true, top_logprobs: 1000 },
    { messages: Array(5000).fill(messages[0]) },
    { messages: [] },
  ]);
  expect(passedChats).toEqual([]);
});

/** A task that never ends by itself, and how it ended. */
function endless() {
  let hasEnded: (reason: unknown) => void = () => undefined;
  const ended = new Promise((resolve) => (hasEnded = resolve));
  async function* script(_task: GenerationTask, signal?: AbortSignal): AsyncGenerator<GenerationEvent> {
    yield { type: "prompt", cachedTokens: 0 };
    signal?.addEventListener("abort", () => hasEnded(signal.reason));
    for (;;) {
      yield { type: "token", token: 97, text: "a" };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return { ended, model: { ...scriptedModel(() => []), engine: new ScriptedEngine(script) } };
}

/** The address of an app that listens, until the end of the test. */
async function listening(served: App): Promise<string> {
  return served.listen({ host: "127.0.0.1", port: 0 });
}

test.each([true, false])(
  "generation ends when its client leaves (stream %s), and is counted as aborted",
  async (stream) => {
    const { ended, model } = endless();
    const served = await buildApp(contextOf([model]));
    const address = await listening(served);
    const controller = new AbortController();
    const answer = fetch(`${address}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt: "a", stream }),
      signal: controller.signal,
    }).then((response) => response.text());
    while (model.engine.tasks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await expect(answer).rejects.toThrow(/abort/);
    await ended;
    const aborted = 'vllm:request_success_total{model_name="scripted",finished_reason="abort"} 1';
    await expect.poll(async () => (await fetch(`${address}/metrics`)).text()).toContain(aborted);
    served.server.closeAllConnections();
    await served.close();
  },
);

test("health is answered while more requests are running than there is room for", async () => {
  const { model } = endless();
  const served = await buildApp(contextOf([model]));
  const address = await listening(served);
  const controller = new AbortController();
  const running = Array.from({ length: 40 }, () =>
    fetch(`${address}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt: "a" }),
      signal: controller.signal,
    }),
  );
  while (model.engine.tasks.length < 40) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let probe = 0; probe < 10; probe++) expect((await fetch(`${address}/health`)).status).toBe(200);
  controller.abort();
  await Promise.allSettled(running);
  served.server.closeAllConnections();
  await served.close();
});
