/**
 * Cases of vLLM's `test_tokenization.py` (test_tokenize_completions, test_tokenize_chat, test_tokenize_with_return_token_strs,
 * test_detokenize) and of llama.cpp's `test_tokenize.py` (test_tokenize_detokenize, test_tokenize_with_bos,
 * test_tokenize_with_pieces), by behaviour.
 */

import { buildApp } from "@llm-learning/server";
import { afterAll, expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

const text = "What is the capital of France ?";
const model = { ...scriptedModel(() => saying("hi")), beginId: 0 };

const app = await buildApp(contextOf([model]));
afterAll(() => app.close());

/** The status and the body of an answer. */
async function post(url: string, payload: object) {
  const response = await app.inject({ method: "POST", url, payload });
  return [response.statusCode, response.json()] as const;
}

test("a text becomes its tokens, with the begin token unless that is not wanted", async () => {
  const bytes = [...Buffer.from(text)];
  expect(await post("/tokenize", { prompt: text, model: "scripted" })).toEqual([
    200,
    { count: 32, max_model_len: 64, tokens: [0, ...bytes], token_strs: null },
  ]);
  expect(await post("/tokenize", { prompt: text, add_special_tokens: false })).toEqual([
    200,
    { count: 31, max_model_len: 64, tokens: bytes, token_strs: null },
  ]);
  expect((await post("/tokenize", { prompt: "", add_special_tokens: false }))[1]).toMatchObject({
    count: 0,
    tokens: [],
  });
});

test("a conversation becomes what chat makes of it, the answer begun unless that is not wanted", async () => {
  const messages = [{ role: "user", content: "Hi" }];
  const tokensOf = async (options: object) => (await post("/tokenize", { messages, ...options }))[1].tokens;
  expect(await tokensOf({})).toEqual([0, ...Buffer.from("user: Hi\nassistant:")]);
  expect(await tokensOf({ add_generation_prompt: false })).toEqual([0, ...Buffer.from("user: Hi\n")]);
  const begun = [...messages, { role: "assistant", content: "Sure," }];
  const continued = await tokensOf({ messages: begun, continue_final_message: true });
  expect(continued).toEqual([0, ...Buffer.from("user: Hi\nassistant: Sure,")]);
  const [status, { error }] = await post("/tokenize", { messages, chat_template: "{{ messages }}" });
  expect([status, error.param]).toEqual([400, "chat_template"]);
});

test("spellings come where they are asked for", async () => {
  const [, body] = await post("/tokenize", { prompt: "aé", add_special_tokens: false, return_token_strs: true });
  expect(body.token_strs).toEqual(body.tokens.map((token: number) => model.tokenizer.idToToken(token)));
});

test("tokens become their text again", async () => {
  const [, { tokens }] = await post("/tokenize", { prompt: text, add_special_tokens: false });
  expect(await post("/detokenize", { tokens })).toEqual([200, { prompt: text }]);
  expect(await post("/detokenize", { tokens: [] })).toEqual([200, { prompt: "" }]);
});

test.each([[-1], [256], [2 ** 31], [2 ** 40], [1.5], ["a"], [null]])("%s is no token id", async (id) => {
  const [status, { error }] = await post("/detokenize", { tokens: [65, id] });
  expect(status).toBe(400);
  expect(error.param).toMatch(/^tokens/);
});

test("a text that cannot fit the context is refused before it is encoded", async () => {
  const [status, { error }] = await post("/tokenize", { prompt: "a".repeat(100_000) });
  expect([status, error.code]).toEqual([400, "context_length_exceeded"]);
});

test("a model that is not served is 404, and a request for none or two texts is 400", async () => {
  expect((await post("/tokenize", { prompt: "a", model: "other" }))[1].error.code).toBe("model_not_found");
  expect((await post("/detokenize", { tokens: [], model: "other" }))[0]).toBe(404);
  expect((await post("/tokenize", {}))[0]).toBe(400);
  expect((await post("/tokenize", { prompt: "a", messages: [{ role: "user", content: "a" }] }))[0]).toBe(400);
});
