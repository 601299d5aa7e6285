/**
 * Cases of llama.cpp's `test_embedding.py` (single, multiple, mixed and invalid inputs, usage, prompt too long, same prompt same
 * result, base64) and of vLLM's `test_embedding.py` (test_single_embedding, test_batch_embedding, test_batch_base64_embedding), by
 * behaviour.
 */

import { buildApp } from "@llm-learning/server";
import { afterAll, expect, test } from "vitest";
import { saying, ScriptedEngine } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

const without = scriptedModel(() => saying("hi"), { id: "without" });
/** Its vectors are the first four ids of a text. */
const model = { ...scriptedModel(() => []), engine: new ScriptedEngine(() => [], { embeddingSize: 4 }) };

const app = await buildApp(contextOf([model, without], { maxPrompts: 3 }));
afterAll(() => app.close());

/** The status and the body of an answer. */
async function post(payload: object) {
  const response = await app.inject({ method: "POST", url: "/v1/embeddings", payload });
  return [response.statusCode, response.json()] as const;
}

test("a text becomes a vector of length 1", async () => {
  // (3, 4, 0, 0) has length 5.
  expect(await post({ input: [3, 4], model: "scripted", encoding_format: "float" })).toEqual([
    200,
    {
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [Math.fround(0.6), Math.fround(0.8), 0, 0] }],
      model: "scripted",
      usage: { prompt_tokens: 2, total_tokens: 2 },
    },
  ]);
});

test("several texts become as many vectors, equal for equal texts, and all their tokens count", async () => {
  const [status, body] = await post({ input: ["abc", "abc", "b"] });
  expect(status).toBe(200);
  expect(body.data.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
  expect(body.data[0].embedding).toEqual(body.data[1].embedding);
  expect(body.usage).toEqual({ prompt_tokens: 7, total_tokens: 7 });
  const [, tokens] = await post({ input: [[97, 98, 99], [98]] });
  expect(tokens.data.map(({ embedding }: { embedding: number[] }) => embedding)).toEqual([
    body.data[0].embedding,
    body.data[2].embedding,
  ]);
});

test("base64 holds the same numbers as float32, little-endian", async () => {
  const [, { data }] = await post({ input: [3, 4], encoding_format: "base64" });
  // 0.6 is 0x3f19999a and 0.8 is 0x3f4ccccd in float32.
  expect(Buffer.from(data[0].embedding, "base64").toString("hex")).toBe("9a99193fcdcc4c3f" + "0".repeat(16));
});

test("a vector of zeros stays one", async () => {
  expect((await post({ input: [0] }))[1].data[0].embedding).toEqual([0, 0, 0, 0]);
});

test("dimensions other than the model's are refused, its own are not", async () => {
  expect((await post({ input: "a", dimensions: 4 }))[0]).toBe(200);
  const [status, { error }] = await post({ input: "a", dimensions: 2 });
  expect([status, error.param]).toEqual([400, "dimensions"]);
  expect(error.message).toContain("expected 4");
});

test("a model without embeddings says so", async () => {
  const [status, { error }] = await post({ input: "a", model: "without" });
  expect([status, error.code]).toEqual([400, "unsupported"]);
});

test.each([
  ["nothing", undefined],
  ["an empty text", ""],
  ["no texts", []],
  ["an empty list of tokens", [[]]],
  ["texts and tokens in one list", [12, "string", 34]],
  ["an object", { content: "string" }],
  ["more texts than are allowed", ["a", "b", "c", "d"]],
  ["an id that is no token", [[256]]],
  ["a negative id", [-1]],
])("%s is refused with 400", async (_, input) => {
  const [status, { error }] = await post({ input });
  expect(status).toBe(400);
  expect(error.type).toBe("invalid_request_error");
});

test("a text that is longer than the context is refused", async () => {
  for (const input of ["a".repeat(65), Array(65).fill(1), "a".repeat(100_000)]) {
    const [status, { error }] = await post({ input });
    expect([status, error.code]).toEqual([400, "context_length_exceeded"]);
  }
});
