// The `openai` package, unchanged, as its users call it.
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from "openai";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { scriptedModel } from "../servedModel.ts";
import { collected, listening } from "./listening.ts";
import { endless, full, guessing, shouting } from "./scripts.ts";

const model = "scripted";
const messages = [{ role: "user" as const, content: "hi" }];

function clientOf(baseURL: string, options: { apiKey?: string; maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ baseURL, apiKey: "none", maxRetries: 0, ...options });
}

test("a conversation is answered, with usage", async () => {
  const client = clientOf(await listening([scriptedModel(shouting)]));
  const answer = await client.chat.completions.create({ model, messages });
  expect(answer.choices).toMatchObject([
    { index: 0, finish_reason: "stop", message: { role: "assistant", content: "USER: HI\nASSISTANT:" } },
  ]);
  // The prompt "user: hi\nassistant:" has 19 bytes, each a token; so has the answer.
  expect(answer.usage).toMatchObject({ prompt_tokens: 19, completion_tokens: 19, total_tokens: 38 });
});

test("a conversation is streamed, usage last", async () => {
  const client = clientOf(await listening([scriptedModel(() => saying("né!"))]));
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collected(stream);
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("né!");
  expect(chunks[0].choices[0].delta.role).toBe("assistant");
  expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
});

test("the stream helper puts the message together", async () => {
  const client = clientOf(await listening([scriptedModel(() => saying("as one"))]));
  const completion = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
  expect(completion.choices[0].message.content).toBe("as one");
});

test("log-probabilities come with tokens, bytes and alternatives", async () => {
  const client = clientOf(await listening([scriptedModel((task) => guessing("ab", task))]));
  const answer = await client.chat.completions.create({ model, messages, logprobs: true, top_logprobs: 2 });
  const half = Math.log(0.5);
  expect(answer.choices[0].logprobs?.content).toMatchObject([
    { token: "a", bytes: [97], logprob: half, top_logprobs: [{ token: "a", logprob: half }, { token: "b" }] },
    { token: "b", bytes: [98], logprob: half, top_logprobs: [{ token: "b" }, { token: "c", bytes: [99] }] },
  ]);
});

test("structured output reaches the engine as a schema, and is parsed", async () => {
  const served = scriptedModel(() => saying('{"age":7}'));
  const client = clientOf(await listening([served]));
  const schema = { type: "object", properties: { age: { type: "integer" } }, required: ["age"] };
  const answer = await client.chat.completions.parse({
    model,
    messages,
    response_format: { type: "json_schema", json_schema: { name: "person", strict: true, schema } },
  });
  expect(served.engine.tasks[0].constraint).toEqual({ kind: "json_schema", schema });
  expect(JSON.parse(answer.choices[0].message.content ?? "")).toEqual({ age: 7 });
});

test("a prompt is continued: several answers, log-probabilities, an echo", async () => {
  const client = clientOf(await listening([scriptedModel((task) => guessing("b", task))]));
  const answer = await client.completions.create({ model, prompt: "a", n: 2, logprobs: 1, max_tokens: 1 });
  expect(answer.choices.map(({ index, text }) => [index, text])).toEqual([
    [0, "b"],
    [1, "b"],
  ]);
  expect(answer.choices[0].logprobs).toMatchObject({ tokens: ["b"], token_logprobs: [Math.log(0.5)] });
  const echoed = await client.completions.create({ model, prompt: "a", echo: true });
  expect(echoed.choices[0].text).toBe("ab");
});

test("models are listed and looked up", async () => {
  const client = clientOf(await listening([scriptedModel(shouting)]));
  const { data } = await client.models.list();
  expect(data.map(({ id }) => id)).toEqual([model]);
  expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: "model" });
});

test("embeddings arrive as numbers, though they travel as base64", async () => {
  const served = scriptedModel(shouting, { embeddingSize: 2 });
  const client = clientOf(await listening([served]));
  const { data, usage } = await client.embeddings.create({ model, input: "34" });
  // The bytes 51 and 52, at length 1.
  const length = Math.hypot(51, 52);
  expect(data[0].embedding).toEqual([Math.fround(51 / length), Math.fround(52 / length)]);
  expect(usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
});

test("errors have the classes that callers catch", async () => {
  const baseURL = await listening([scriptedModel(shouting)], { apiKeys: ["right"] });
  const client = clientOf(baseURL, { apiKey: "right" });
  const wrong = clientOf(baseURL, { apiKey: "wrong" });
  await expect(wrong.models.list()).rejects.toThrow(AuthenticationError);
  await expect(client.chat.completions.create({ model: "other", messages })).rejects.toThrow(NotFoundError);
  await expect(client.chat.completions.create({ model, messages, temperature: -1 })).rejects.toThrow(BadRequestError);
  const long = client.completions.create({ model, prompt: "a".repeat(100) });
  await expect(long).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
});

test("a full queue is tried again after a while, and in the end an error", async () => {
  const baseURL = await listening([scriptedModel(full(2, "now"))]);
  await expect(clientOf(baseURL).chat.completions.create({ model, messages })).rejects.toThrow(RateLimitError);
  const answer = await clientOf(baseURL, { maxRetries: 1 }).chat.completions.create({ model, messages });
  expect(answer.choices[0].message.content).toBe("now");
});

test("an abort ends the generation", async () => {
  const { script, ended } = endless();
  const client = clientOf(await listening([scriptedModel(script)]));
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  for await (const { choices } of stream) {
    if (choices[0].delta.content === "a") break;
  }
  await expect(ended).resolves.toBeUndefined();
  const other = endless();
  const second = clientOf(await listening([scriptedModel(other.script)]));
  const abort = new AbortController();
  const answer = second.chat.completions.create({ model, messages }, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await expect(answer).rejects.toThrow(APIUserAbortError);
  await expect(other.ended).resolves.toBeUndefined();
});
