/**
 * Behaviour of `POST /v1/completions`, without a model.
 *
 * Carried over by behaviour, from vLLM's tests/entrypoints/openai/completion/test_completion.py: single completion (text and ids),
 * no, zero, some and too many logprobs (the server works afterwards), streaming equals not streaming and finishes once, n without and
 * with streaming, stream_options in all combinations, batches (texts, ids, n 2, streamed), echo with logprobs;
 * test_completion_text_offset.py (offsets where text is held back for a stop string); test_prompt_validation.py (no prompt, ids out of
 * vocabulary); test_empty_prompt_list.py, test_completion_error.py (no schema, negative ids; a failing engine is in errors.test.ts);
 * chat_completion/test_chat_logit_bias_validation.py, test_chat_stop_token_ids_validation.py, test_non_object_body_validation.py
 * (errors.test.ts); basic/test_return_token_ids.py (ids of prompt and answer, at once and streamed).
 * From llama.cpp's tools/server/tests/unit/test_completion.py: completion, streamed and not, alike; same seed, same text; prompts of
 * ids, one and several; a prompt beyond the context is 400; logit bias.
 */

import { buildApp, type GenerationEvent } from "@llm-learning/server";
import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, type ScriptedModel, scriptedModel } from "../servedModel.ts";
import { post, streamed } from "./posting.ts";

const url = "/v1/completions";

/** Says `seed:prompt` for as many tokens as asked for, each with a probability of its own. */
function echoing(): ScriptedModel {
  return scriptedModel(({ seed, prompt, maxTokens, logprobs, promptLogprobs }) => {
    const scores = (token: number, count: number | undefined): object =>
      count === undefined
        ? {}
        : {
            logprob: -token / 100,
            topLogprobs: Array.from({ length: count }, (_, place) => ({ token: 97 + place, logprob: -place })),
          };
    const text = `${seed}:${Buffer.from(prompt).toString()}`.slice(0, maxTokens);
    const events = saying(text).map((event): GenerationEvent => {
      return event.type === "token" ? { ...event, ...scores(event.token, logprobs) } : event;
    });
    const scored = prompt.map((token, place) => ({ token, ...(place === 0 ? {} : scores(token, promptLogprobs)) }));
    const end = events[events.length - 1] as GenerationEvent & { type: "end" };
    return [
      { type: "prompt", cachedTokens: 2, ...(promptLogprobs === undefined ? {} : { tokens: scored }) },
      ...events.slice(1, -1),
      { ...end, reason: "length" },
    ];
  });
}

test("a prompt of text is continued, with usage", async () => {
  const model = echoing();
  const { status, json } = await post([model], url, { model: "scripted", prompt: "Hello", max_tokens: 5, seed: 7 });
  expect(status).toBe(200);
  expect(json).toEqual({
    id: expect.stringMatching(/^cmpl-[0-9a-f-]{36}$/),
    object: "text_completion",
    created: expect.any(Number),
    model: "scripted",
    system_fingerprint: expect.stringMatching(/^fp_[0-9a-f]{12}$/),
    choices: [{ index: 0, text: "7:Hel", logprobs: null, finish_reason: "length", stop_reason: null }],
    usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, prompt_tokens_details: { cached_tokens: 2 } },
  });
  expect(model.engine.tasks[0]).toMatchObject({ prompt: [...Buffer.from("Hello")], maxTokens: 5, seed: 7 });
});

test("what a request leaves open is the model's default, and OpenAI's where it has none", async () => {
  const model = { ...echoing(), stopIds: [3], defaults: { topK: 5, temperature: 0.5 } };
  await post([model], url, { prompt: "a" });
  expect(model.engine.tasks[0]).toMatchObject({ maxTokens: 16, stopIds: [3], choice: { topK: 5, temperature: 0.5 } });
  const plain = echoing();
  await post([plain], url, { prompt: "a" });
  expect(plain.engine.tasks[0].choice.temperature).toBe(1);
});

test("every option reaches the engine", async () => {
  const model = { ...echoing(), stopIds: [3] };
  const response = await post([model], url, {
    prompt: [65, 66],
    temperature: 0,
    top_p: 0.5,
    top_k: -1,
    min_p: 0.25,
    min_tokens: 2,
    repetition_penalty: 1.5,
    presence_penalty: -2,
    frequency_penalty: 2,
    logit_bias: { "50": -100 },
    stop: "END",
    stop_token_ids: [9],
    ignore_eos: true,
    skip_special_tokens: false,
    user: "someone",
    field_of_the_future: true,
    logprobs: null,
  });
  expect(response.status).toBe(200);
  expect(model.engine.tasks[0]).toMatchObject({
    choice: {
      temperature: 0,
      topP: 0.5,
      topK: undefined,
      minP: 0.25,
      repetitionPenalty: 1.5,
      presencePenalty: -2,
      frequencyPenalty: 2,
      logitBias: new Map([[50, -100]]),
    },
    minTokens: 2,
    stop: ["END"],
    stopIds: [9],
    specialTokens: true,
  });
});

test("prompts of ids, several prompts and several answers come in their order", async () => {
  const model = echoing();
  const prompts = [[65], [66, 67]];
  const { json } = await post([model], url, { prompt: prompts, n: 2, seed: 5, max_tokens: 30 });
  expect(json.choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2, 3]);
  const texts: string[] = json.choices.map(({ text }: { text: string }) => text);
  expect(texts[0]).toBe("5:A");
  expect(texts[2]).toBe("5:BC");
  expect(texts[1].split(":")[0]).toBe(texts[3].split(":")[0]);
  expect(texts[1]).not.toBe(texts[0]);
  expect(json.usage).toMatchObject({ prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } });
  const one = await post([model], url, { prompt: [65], seed: 5, max_tokens: 30 });
  expect(one.json.choices[0].text).toBe(texts[0]);
});

test("without a seed, and with -1, every prompt draws its own", async () => {
  const model = echoing();
  await post([model], url, { prompt: ["a", "a"] });
  await post([model], url, { prompt: ["a", "a"], seed: -1 });
  expect(new Set(model.engine.tasks.map(({ seed }) => seed)).size).toBe(4);
});

test("seeds are any integers of 64 bits", async () => {
  const model = echoing();
  for (const seed of [0, 2 ** 53 - 1, -(2 ** 53 - 1), -2]) await post([model], url, { prompt: "a", seed });
  expect(model.engine.tasks.map(({ seed }) => seed)).toEqual([0, 2 ** 53 - 1, 1, 2 ** 53 - 2]);
  // JavaScript holds those of more than 53 bits as their neighbours.
  for (const seed of [2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 63]) await post([model], url, { prompt: "a", seed });
  const large = model.engine.tasks.slice(4).map(({ seed }) => seed);
  expect(large.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
  expect([new Set(large).size, large[1]]).toEqual([3, large[3]]);
  const { json } = await post([model], url, { prompt: "a", seed: 2 ** 64 });
  expect(json.error.param).toBe("seed");
});

test("a stream gives the same text in pieces, ends once, and is done", async () => {
  const model = echoing();
  const body = { prompt: "What?", n: 2, seed: 3, max_tokens: 12 };
  const whole = await post([model], url, body);
  const { chunks, isDone, headers } = await streamed([model], url, { ...body, stream: true });
  expect(headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  expect(isDone).toBe(true);
  const choices = chunks.map((chunk) => chunk.choices[0]);
  for (const index of [0, 1]) {
    const own = choices.filter((choice) => choice.index === index);
    expect(own.map(({ text }) => text).join("")).toBe(whole.json.choices[index].text);
    expect(own.map((choice) => choice.finish_reason).filter((reason) => reason !== null)).toEqual(["length"]);
  }
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks.every((chunk) => !("usage" in chunk))).toBe(true);
});

test("usage comes last where asked for, and with every chunk where that is asked for", async () => {
  const body = { prompt: "What?", max_tokens: 4, stream: true };
  const last = await streamed([echoing()], url, { ...body, stream_options: { include_usage: true } });
  const usage = {
    prompt_tokens: 5,
    completion_tokens: 4,
    total_tokens: 9,
    prompt_tokens_details: { cached_tokens: 2 },
  };
  expect(last.chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  expect(last.chunks.at(-1)).toMatchObject({ choices: [], usage });
  const all = { include_usage: true, continuous_usage_stats: true };
  const always = await streamed([echoing()], url, { ...body, stream_options: all });
  expect(always.chunks.map((chunk) => chunk.usage.completion_tokens)).toEqual([1, 2, 3, 4, 4, 4]);
  const none = await streamed([echoing()], url, { ...body, stream_options: { continuous_usage_stats: true } });
  expect(none.chunks.every((chunk) => !("usage" in chunk))).toBe(true);
  for (const options of [{ include_usage: null }, { include_usage: true }, {}]) {
    const refused = await post([echoing()], url, { prompt: "a", stream_options: options });
    expect([refused.status, refused.json.error.param]).toEqual([400, expect.stringMatching(/^stream_options/)]);
  }
});

test("log-probabilities come in OpenAI's columns, the chosen token always among the alternatives", async () => {
  const none = await post([echoing()], url, { prompt: "a", seed: 1, max_tokens: 2 });
  expect(none.json.choices[0].logprobs).toBe(null);
  const zero = await post([echoing()], url, { prompt: "a", seed: 1, max_tokens: 2, logprobs: 0 });
  expect(zero.json.choices[0].logprobs).toEqual({
    tokens: ["1", ":"],
    token_logprobs: [-0.49, -0.58],
    top_logprobs: [{ "1": -0.49 }, { ":": -0.58 }],
    text_offset: [0, 1],
  });
  const two = await post([echoing()], url, { prompt: "a", seed: 1, max_tokens: 3, logprobs: 2 });
  expect(two.json.choices[0].logprobs.top_logprobs).toEqual([
    { "1": -0.49, a: 0, b: -1 },
    { ":": -0.58, a: 0, b: -1 },
    { a: 0, b: -1 },
  ]);
  expect((await post([echoing()], url, { prompt: "a", logprobs: 21 })).status).toBe(400);
  expect((await post([echoing()], url, { prompt: "a", logprobs: 30, stream: true })).status).toBe(400);
});

test("echo with log-probabilities tells those of the prompt, as lm-eval asks for them", async () => {
  for (const prompt of ["abé", [...Buffer.from("abé")]]) {
    const body = { prompt, echo: true, logprobs: 1, max_tokens: 1, temperature: 0, seed: 1 };
    const { json } = await post([echoing()], url, body);
    const [{ text, logprobs }] = json.choices;
    expect(text).toBe("abé1");
    expect(logprobs.tokens).toEqual(["a", "b", "bytes:\\xc3", "bytes:\\xa9", "1"]);
    expect(logprobs.token_logprobs).toEqual([null, -0.98, -1.95, -1.69, -0.49]);
    expect(logprobs.top_logprobs.slice(0, 2)).toEqual([null, { a: 0, b: -0.98 }]);
    expect(logprobs.text_offset).toEqual([0, 1, 2, 2, 3]);
    expect(json.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 1 });
  }
});

test("echo without new tokens is the prompt alone", async () => {
  const { json } = await post([echoing()], url, { prompt: "ab", echo: true, max_tokens: 0, logprobs: 0 });
  expect(json.choices[0]).toMatchObject({ text: "ab", logprobs: { tokens: ["a", "b"] }, finish_reason: "length" });
  const { chunks } = await streamed([echoing()], url, {
    prompt: "ab",
    echo: true,
    max_tokens: 1,
    seed: 1,
    stream: true,
  });
  expect(chunks.map(({ choices: [{ text }] }) => text)).toEqual(["ab", "1", ""]);
});

test("offsets are those of the tokens where text is held back for a stop string", async () => {
  const model = scriptedModel(() => [
    { type: "prompt", cachedTokens: 0 },
    { type: "token", token: 97, text: "", logprob: -1 },
    { type: "token", token: 98, text: "a", logprob: -1 },
    { type: "token", token: 99, text: "b", logprob: -1 },
    { type: "end", reason: "stop", text: "c", stopped: "dd", completionTokens: 4 },
  ]);
  const body = { prompt: "Hi", logprobs: 0, stop: ["dd"] };
  const whole = await post([model], url, body);
  expect(whole.json.choices[0]).toMatchObject({ text: "abc", stop_reason: "dd", logprobs: { text_offset: [0, 1, 2] } });
  const { chunks } = await streamed([model], url, { ...body, stream: true });
  expect(chunks.flatMap(({ choices: [{ logprobs }] }) => logprobs.text_offset)).toEqual([0, 1, 2]);
});

test("ids of prompt and answer come where asked for, the prompt's once", async () => {
  const body = { prompt: "hé", max_tokens: 3, seed: 1, return_token_ids: true };
  const promptIds = [...Buffer.from("hé")];
  const { json } = await post([echoing()], url, body);
  expect(json.choices[0]).toMatchObject({ prompt_token_ids: promptIds, token_ids: [...Buffer.from("1:h")] });
  const { chunks } = await streamed([echoing()], url, { ...body, stream: true });
  const choices = chunks.map((chunk) => chunk.choices[0]);
  expect(choices.flatMap((choice) => choice.prompt_token_ids ?? [])).toEqual(promptIds);
  expect(choices.flatMap((choice) => choice.token_ids)).toEqual([...Buffer.from("1:h")]);
});

test("the begin token comes first, once, and is no part of the echoed text", async () => {
  const model = { ...echoing(), beginId: 65 };
  await post([model], url, { prompt: ["b", "Ab", ""], echo: true });
  await post([model], url, { prompt: "b", add_special_tokens: false });
  await post([model], url, { prompt: [98] });
  expect(model.engine.tasks.map(({ prompt }) => prompt)).toEqual([[65, 98], [65, 98], [65], [98], [98]]);
  const { json } = await post([model], url, { prompt: "b", echo: true, logprobs: 0, max_tokens: 0 });
  expect(json.choices[0]).toMatchObject({ text: "b", logprobs: { tokens: ["A", "b"], text_offset: [0, 0] } });
});

test("what does not fit the context is refused, with numbers", async () => {
  const long = await post([echoing()], url, { prompt: "a".repeat(65) });
  expect(long.status).toBe(400);
  expect(long.json.error).toEqual({
    message: "the model's context is 64 tokens long; the prompt has at least 65 tokens",
    type: "invalid_request_error",
    param: null,
    code: "context_length_exceeded",
  });
  const greedy = await post([echoing()], url, { prompt: "a".repeat(60), max_tokens: 5 });
  expect(greedy.json.error.message).toBe(
    "the model's context is 64 tokens long; the prompt has 60 tokens, and 5 are asked for: at most 4 are left",
  );
  const full = await post([echoing()], url, { prompt: "a".repeat(64) });
  expect(full.json.error.code).toBe("context_length_exceeded");
  const usual = echoing();
  expect((await post([usual], url, { prompt: "a".repeat(60) })).status).toBe(200);
  expect(usual.engine.tasks[0].maxTokens).toBe(4);
  const scored = await post([echoing()], url, { prompt: "a".repeat(64), max_tokens: 0, echo: true, logprobs: 1 });
  expect(scored.status).toBe(200);
});

test("fields that do not fit are named, with what was expected", async () => {
  const cases: [object, string, string][] = [
    [{}, "prompt", "got nothing"],
    [{ prompt: null }, "prompt", "got nothing"],
    [{ prompt: 5 }, "prompt", "expected a string or"],
    [{ prompt: [] }, "prompt", "got an array of 0"],
    [{ prompt: ["a", 1] }, "prompt", "got an array of 2"],
    [{ prompt: [[]] }, "prompt[0]", "expected an array of at least 1 item of an integer from 0 to 2147483647 each"],
    [{ prompt: [-1] }, "prompt[0]", "expected an integer from 0 to 2147483647, got -1"],
    [{ prompt: [1e99] }, "prompt[0]", "got 1e+99"],
    [{ prompt: [999] }, "prompt", "expected token ids below 256, got 999, which is out of vocabulary"],
    [{ prompt: "" }, "prompt", "expected at least one token"],
    [{ prompt: "a", temperature: "hot" }, "temperature", 'expected a number from 0 to 2, got "hot"'],
    [{ prompt: "a", temperature: "1" }, "temperature", 'got "1"'],
    [{ prompt: "a", temperature: [1] }, "temperature", "got an array of 1"],
    [{ prompt: "a", temperature: -0.1 }, "temperature", "got -0.1"],
    [{ prompt: "a", max_tokens: -1 }, "max_tokens", "got -1"],
    [{ prompt: "a", max_tokens: 1.5 }, "max_tokens", "expected an integer from 0 to 2147483647, got 1.5"],
    [{ prompt: "a", n: 0 }, "n", "expected an integer from 1 to 16, got 0"],
    [{ prompt: "a", n: 17 }, "n", "got 17"],
    [{ prompt: Array(65).fill("a") }, "prompt", "got an array of 65"],
    [{ prompt: "a", stream: "yes" }, "stream", 'expected true or false, got "yes"'],
    [{ prompt: "a", stop: "" }, "stop", 'expected a string of 1 to 256 characters, got ""'],
    [{ prompt: "a", stop: ["a", ""] }, "stop[1]", 'expected a string of 1 to 256 characters, got ""'],
    [{ prompt: "a", stop: Array(17).fill("a") }, "stop", "got an array of 17"],
    [{ prompt: "a", logit_bias: { "1": 101 } }, "logit_bias[1]", "expected a number from -100 to 100, got 101"],
    [
      { prompt: "a", logit_bias: { hat: 1, "-1": 2 } },
      "logit_bias",
      'expected keys that are token ids, got "hat", "-1"',
    ],
    [{ prompt: "a", logit_bias: { "1": "2" } }, "logit_bias[1]", 'got "2"'],
    [{ prompt: "a", stop_token_ids: [-1] }, "stop_token_ids[0]", "got -1"],
    [{ prompt: [[-1]] }, "prompt[0][0]", "got -1"],
    [{ prompt: "a", response_format: { type: "json_schema" } }, "response_format.json_schema.schema", "got nothing"],
    [{ prompt: "a", logit_bias: { "256": 1 } }, "logit_bias", "got 256"],
    [{ prompt: "a", stop_token_ids: [256] }, "stop_token_ids", "got 256"],
    [{ prompt: "a", min_tokens: 17 }, "min_tokens", "expected at most 16, got 17"],
    [{ prompt: "a", repetition_penalty: 0 }, "repetition_penalty", "above 0 and at most 100"],
    [{ prompt: "a", timeout: 601 }, "timeout", "got 601"],
    [{ prompt: "a", best_of: 2 }, "best_of", "it may only equal n"],
    [{ prompt: "a", suffix: "b" }, "suffix", "models continue texts, they do not fill gaps"],
    [{ prompt: "a", chat_template: "{{ x }}" }, "chat_template", "templates are the model's own"],
    [{ prompt: "a", guided_regex: "a*" }, "guided_regex", "response_format"],
    [{ prompt: "a", response_format: { type: "sound" } }, "response_format", "got an object"],
    [
      { prompt: "a", response_format: { type: "json_schema", json_schema: { schema: 3 } } },
      "response_format.json_schema.schema",
      "expected an object, got 3",
    ],
  ];
  const model = echoing();
  for (const [body, param, message] of cases) {
    const { status, json } = await post([model], url, body);
    expect([JSON.stringify(body), status, json.error.param, json.error.type]).toEqual([
      JSON.stringify(body),
      400,
      param,
      "invalid_request_error",
    ]);
    expect(json.error.message).toContain(message);
    expect(json.error.message.length).toBeLessThan(300);
  }
  expect(model.engine.tasks).toEqual([]);
  expect((await post([model], url, { prompt: "a" })).status).toBe(200);
});

test("fields that change nothing are no reason to refuse", async () => {
  const body = { prompt: "a", best_of: 1, suffix: "", use_beam_search: false, tools: null, echo: null, model: null };
  expect((await post([echoing()], url, body)).status).toBe(200);
});

test("a form of the text is handed to the engine", async () => {
  const model = echoing();
  const schema = { type: "object" };
  const formats = [
    { type: "text" },
    { type: "json_object" },
    { type: "json_object", schema },
    { type: "json_schema", json_schema: { name: "x", strict: true, schema } },
  ];
  for (const format of formats) await post([model], url, { prompt: "a", response_format: format });
  expect(model.engine.tasks.map(({ constraint }) => constraint)).toEqual([
    undefined,
    { kind: "json_object" },
    { kind: "json_schema", schema },
    { kind: "json_schema", schema },
  ]);
});

test("the deadline is the request's own, and no later than the operator's", async () => {
  const model = echoing();
  const before = Date.now();
  await post([model], url, { prompt: "a", timeout: 5 });
  await post([model], url, { prompt: "a" });
  const after = Date.now();
  const [own, usual] = model.engine.tasks.map(({ deadline = 0 }) => deadline);
  expect(own).toBeGreaterThanOrEqual(before + 5000);
  expect(own).toBeLessThanOrEqual(after + 5000);
  expect(usual).toBeGreaterThanOrEqual(before + 600_000);
});

test("a model that is not served is 404, and requests are 503 until models are there", async () => {
  const unknown = await post([echoing()], url, { model: "gpt-5", prompt: "a" });
  expect(unknown.status).toBe(404);
  expect(unknown.json.error).toEqual({
    message: 'model: expected one of "scripted", got "gpt-5"',
    type: "invalid_request_error",
    param: "model",
    code: "model_not_found",
  });
  const app = await buildApp({ ...contextOf([echoing()]), isReady: () => false });
  const early = await app.inject({ method: "POST", url, payload: { prompt: "a" } });
  expect([early.statusCode, early.json().error.code, early.headers["retry-after"]]).toEqual([503, "unavailable", "1"]);
  await app.close();
});

test("log-probabilities that are held at once have a limit; a stream has none", async () => {
  const body = { prompt: "a", n: 16, max_tokens: 1000, logprobs: 20 };
  const large = scriptedModel(() => saying("a"), { blockSize: 4096 });
  const { status, json } = await post([large], url, body);
  expect([status, json.error.message]).toEqual([
    400,
    "logprobs: expected at most 262144 in all answers, got up to 336000; a stream may have more",
  ]);
  expect((await streamed([large], url, { ...body, stream: true })).status).toBe(200);
});

test("a text that the model's tokenizer cannot spell is refused", async () => {
  const model = { ...echoing(), tokenizer: CharacterTokenizer.fromText("abc") };
  const { status, json } = await post([model], url, { prompt: "abcd" });
  expect([status, json.error.code]).toEqual([400, "unknown_text"]);
  expect(json.error.message).toMatch(/got "d" \(U\+0064\) at index 3$/);
});
