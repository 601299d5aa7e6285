/**
 * What the routes promise, over a real, tiny model.
 */

import "@llm-learning/testing/toBeAllclose";
import { type Engine, openEngine } from "@llm-learning/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endId, sizes, tokenizer, writeModelFiles } from "../scheduler/modelFiles.ts";
import { scriptedModel } from "../servedModel.ts";
import { post, streamed } from "./posting.ts";

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ ...(await writeModelFiles()), threads: 1, slots: 4 });
});

afterAll(() => engine.close());

const completions = "/v1/completions";
const chat = "/v1/chat/completions";

const served = () => [{ ...scriptedModel(() => []), engine, tokenizer, stopIds: [endId] }];

test("the probabilities of an answer are those of the same text as a prompt, as lm-eval reads them", async () => {
  const body = { prompt: "Once upon", max_tokens: 20, logprobs: 2, temperature: 0, return_token_ids: true };
  const [answer] = (await post(served(), completions, { ...body, ignore_eos: true })).json.choices;
  expect(answer.logprobs.tokens).toHaveLength(20);
  const prompt = [...tokenizer.encode("Once upon"), ...answer.token_ids];
  const whole = { ...body, prompt, max_tokens: 0, echo: true };
  const [echoed] = (await post(served(), completions, whole)).json.choices;
  expect(echoed.logprobs.token_logprobs[0]).toBe(null);
  expect(echoed.logprobs.tokens.slice(9)).toEqual(answer.logprobs.tokens);
  // A prompt is read at once, an answer token by token: float32 sums in another order.
  expect(echoed.logprobs.token_logprobs.slice(9)).toBeAllclose(answer.logprobs.token_logprobs, { atol: 1e-3 });
  // Greedy: each token is the most probable one at its place.
  for (const [place, token] of answer.logprobs.tokens.entries()) {
    const top: Record<string, number> = answer.logprobs.top_logprobs[place];
    expect(top[token]).toBe(Math.max(...Object.values(top)));
  }
});

test("the first of several answers is the only one of one, and the same seed is the same text among neighbours", async () => {
  const bodies = Array.from({ length: 8 }, (_, seed) => ({
    prompt: `Number ${seed % 3}`,
    messages: [{ role: "user", content: `Number ${seed % 3}` }],
    temperature: [0.7, 1.5][seed % 2],
    max_tokens: 16,
    seed,
    stop: ["e", "aa"],
  }));
  for (const url of [completions, chat]) {
    const alone = [];
    for (const body of bodies) alone.push((await post(served(), url, body)).json.choices[0]);
    const among = await Promise.all(bodies.map((body) => post(served(), url, { ...body, n: 3 })));
    expect(among.map(({ json }) => json.choices[0])).toEqual(alone);
    const streams = await Promise.all(bodies.map((body) => streamed(served(), url, { ...body, stream: true })));
    const texts = streams.map(({ chunks }) => {
      return chunks.map(({ choices: [{ text, delta }] }) => text ?? delta.content ?? "").join("");
    });
    expect(texts).toEqual(alone.map(({ text, message }) => text ?? message.content));
  }
});

test("an answer that is held to a schema fits it", async () => {
  const schema = {
    type: "object",
    properties: { name: { enum: ["cat", "dog"] }, age: { type: "integer", minimum: 0, maximum: 9 } },
    required: ["name", "age"],
    additionalProperties: false,
  };
  const format = { type: "json_schema", json_schema: { name: "animal", strict: true, schema } };
  const messages = [{ role: "user", content: "An animal" }];
  const { json } = await post(served(), chat, { messages, response_format: format, seed: 5 });
  const [{ message, finish_reason: reason }] = json.choices;
  expect(reason).toBe("stop");
  expect(JSON.parse(message.content)).toEqual({ name: expect.stringMatching(/^(cat|dog)$/), age: expect.any(Number) });
  const bad = { type: "json_object", schema: { type: "hiccup" } };
  const refused = await post(served(), chat, { messages, response_format: bad });
  expect([refused.status, refused.json.error.type]).toEqual([400, "invalid_request_error"]);
});

test("a schema that asks too much in the middle of an answer ends that answer only, and says what to mend", async () => {
  const properties = Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`p${i}`, { type: "null" }]));
  const schema = { type: "object", properties: { a: { const: 1 }, b: { properties } }, required: ["a", "b"] };
  const format = { type: "json_schema", json_schema: { name: "many", schema } };
  const body = { messages: [{ role: "user", content: "All of it" }], response_format: format, seed: 1 };
  const [whole, stream, other] = await Promise.all([
    post(served(), chat, body),
    streamed(served(), chat, { ...body, stream: true }),
    post(served(), chat, { messages: body.messages, max_tokens: 40, seed: 1, ignore_eos: true }),
  ]);
  const message = expect.stringMatching(
    /expected a schema that takes at most 1024 ways to go on at a time, got more; /,
  );
  const error = { message, type: "invalid_request_error", param: null, code: null };
  expect([whole.status, whole.json]).toEqual([400, { error }]);
  expect([stream.status, stream.isDone, stream.chunks.at(-1)]).toEqual([200, false, { error }]);
  expect([other.status, other.json.usage.completion_tokens]).toEqual([200, 40]);
});

test("an answer that fills the context ends there, with its tokens counted", async () => {
  const messages = [{ role: "user", content: "a" }];
  const { json } = await post(served(), chat, { messages, seed: 1, ignore_eos: true });
  expect(json.usage).toMatchObject({ total_tokens: sizes.blockSize });
  expect(json.choices[0].finish_reason).toBe("length");
});
