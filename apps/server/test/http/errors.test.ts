/**
 * Every error has OpenAI's shape, whoever noticed it, and tells nothing of what is inside.
 */

import { buildApp, EngineError } from "@llm-learning/server";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";
import { post, streamed } from "./posting.ts";

const url = "/v1/completions";

/** Fails at once, or after a token. */
function failing(error: unknown, { after = "" }: { after?: string } = {}) {
  return scriptedModel(function* () {
    if (after === "") throw error;
    yield { type: "prompt", cachedTokens: 0 };
    yield { type: "token", token: after.charCodeAt(0), text: after };
    throw error;
  });
}

test("errors of the engine have statuses that clients know what to do with", async () => {
  const cases: [unknown, number, string, string | null, string | undefined][] = [
    [new EngineError("queue_full", "8 wait", { retryAfter: 2.5 }), 429, "rate_limit_error", "queue_full", "3"],
    [new EngineError("deadline", "late"), 408, "timeout_error", "deadline_exceeded", undefined],
    [new EngineError("closed", "bye"), 503, "service_unavailable_error", "unavailable", "1"],
    [new EngineError("invalid", "no schema"), 400, "invalid_request_error", null, undefined],
    [new EngineError("unsupported", "no mask"), 400, "invalid_request_error", "unsupported", undefined],
    [new EngineError("failed", "tensor 0x7ffe"), 500, "server_error", "internal_error", undefined],
    [new TypeError("undefined is not a function"), 500, "server_error", "internal_error", undefined],
    ["a string", 500, "server_error", "internal_error", undefined],
  ];
  for (const [error, status, type, code, retryAfter] of cases) {
    const stated = status === 500 ? "the server failed to answer; its log says why" : (error as Error).message;
    for (const stream of [false, true]) {
      const answer = await post([failing(error)], url, { prompt: "a", stream });
      expect(answer.status).toBe(status);
      expect(answer.json).toEqual({ error: { message: stated, type, param: null, code } });
      expect(answer.headers["retry-after"]).toBe(retryAfter);
    }
  }
});

test("an error after the first event ends the stream, and it is not done", async () => {
  const model = failing(new EngineError("failed", "tensor 0x7ffe"), { after: "x" });
  const { status, chunks, isDone } = await streamed([model], url, { prompt: "a", stream: true });
  expect([status, isDone]).toEqual([200, false]);
  expect(chunks.map((chunk) => chunk.choices?.[0].text ?? chunk.error)).toEqual([
    "x",
    {
      message: "the server failed to answer; its log says why",
      type: "server_error",
      param: null,
      code: "internal_error",
    },
  ]);
});

test("one of several answers that fails ends them all", async () => {
  let count = 0;
  const model = scriptedModel(async function* (_, signal) {
    if (count++ > 0) throw new EngineError("queue_full", "8 wait");
    yield { type: "prompt", cachedTokens: 0 };
    await new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  expect((await post([model], url, { prompt: "a", n: 2 })).status).toBe(429);
});

test("bodies that are no JSON objects are refused", async () => {
  const model = scriptedModel(() => []);
  for (const [body, message] of [
    ["{", "expected a body that is valid JSON"],
    ["", "expected a body, got nothing"],
    ["[1]", "body: expected an object, got an array of 1"],
    ["null", "body: expected an object, got null"],
    ['"text"', 'body: expected an object, got "text"'],
    ['{"prompt": "a", "temperature": NaN}', "expected a body that is valid JSON"],
    ['{"prompt": "a", "temperature": 1e999}', "temperature: expected a number from 0 to 2, got Infinity"],
    ['{"prompt": "a", "__proto__": {"n": 2}}', "expected a body that is valid JSON"],
  ]) {
    const { status, json } = await post([model], url, body);
    expect([body, status, json.error.message]).toEqual([body, 400, message]);
  }
});

test("what fastify refuses has the same shape", async () => {
  const app = await buildApp(contextOf([scriptedModel(() => [])], { maxBodyBytes: 100 }));
  const errors = async (options: object): Promise<object> => {
    const response = await app.inject(options);
    const { error } = response.json();
    expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
    return { status: response.statusCode, message: error.message, allow: response.headers["allow"] };
  };
  const json = { "content-type": "application/json" };
  expect(await errors({ url: "/v1/nothing?secret" })).toMatchObject({
    status: 404,
    message: "there is no GET /v1/nothing",
  });
  expect(await errors({ url })).toMatchObject({
    status: 405,
    message: "there is no GET /v1/completions, only POST",
    allow: "POST",
  });
  expect(await errors({ url: "/%ff" })).toMatchObject({ status: 400 });
  expect(await errors({ url, method: "POST", headers: json, payload: `"${"a".repeat(100)}"` })).toMatchObject({
    status: 413,
    message: "expected a smaller body than this",
  });
  expect(await errors({ url, method: "POST", headers: { "content-type": "text/html" }, payload: "a" })).toMatchObject({
    status: 415,
    message: "expected a body of the content-type application/json",
  });
  expect(await errors({ url, method: "POST" })).toMatchObject({
    status: 400,
    message: "body: expected an object, got null",
  });
  for (const path of ["/:(((", "/v1/*", `/${"a".repeat(1000)}`]) {
    expect(await errors({ url: path, method: "POST" })).toMatchObject({ status: 404 });
  }
  await app.close();
});

test("bodies of any depth are answered", async () => {
  const deep = (open: string, close: string): string => open.repeat(1e5) + close.repeat(1e5);
  const model = scriptedModel(() => saying("a"));
  const object = `${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`;
  for (const [field, param] of [
    [`"x": ${deep("[", "]")}`, undefined],
    [`"modalities": ${deep("[", "]")}`, "modalities"],
    [`"prompt": ${deep("[", "]")}`, "prompt"],
    [`"stop": ${deep("[", "]")}`, "stop[0]"],
    [`"response_format": {"type": "json_object", "schema": ${deep("[", "]")}}`, "response_format.schema"],
    [`"response_format": {"type": "json_object", "schema": ${object}}`, "response_format.schema"],
  ]) {
    const { status, json } = await post([model], url, `{"prompt": "a", ${field}}`);
    expect([status, json.error?.param]).toEqual([param === undefined ? 200 : 400, param]);
  }
});
