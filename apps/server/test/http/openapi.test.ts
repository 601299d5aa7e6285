/**
 * The document of the API: valid by the OpenAPI initiative's own schema, complete, and true of what is answered.
 */

import { buildApp } from "@llm-learning/server";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { afterAll, expect, test } from "vitest";
import { saying, ScriptedEngine } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: TSchema }>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: TSchema }>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const model = { ...scriptedModel(() => []), engine: new ScriptedEngine(() => saying("né"), { embeddingSize: 2 }) };
const headers = { authorization: "Bearer key" };
const app = await buildApp(contextOf([model], { apiKeys: ["key"] }));
const document: Document = (await app.inject("/openapi.json")).json();
afterAll(() => app.close());

test("the document is valid OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone({ ...document }));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(document.openapi).toBe("3.1.0");
});

test("all routes are in it, with what they answer, their errors and whether they need a key", () => {
  expect(Object.keys(document.paths).toSorted()).toEqual([
    "/detokenize",
    "/health",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/ping",
    "/tokenize",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/models",
    "/v1/models/{model}",
    "/version",
  ]);
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, { summary, tags, security, requestBody, responses }] of Object.entries(operations)) {
      const isOpen = /^\/(health|ping|version)/.test(path);
      expect([path, summary]).toEqual([path, expect.stringMatching(/^[A-Z].*\.$/)]);
      expect(tags).toHaveLength(1);
      expect([path, security]).toEqual([path, isOpen ? [] : undefined]);
      const { schema } = Object.values(responses[200].content)[0];
      expect([path, Object.keys(schema)]).not.toEqual([path, []]);
      const statuses = Object.keys(responses);
      expect(statuses.includes("401")).toBe(!isOpen);
      expect(statuses).toEqual(expect.arrayContaining(["500", "503"]));
      if (method !== "post" || isOpen) continue;
      expect(Object.keys(requestBody?.content ?? {})).toEqual(["application/json"]);
      expect(statuses).toEqual(expect.arrayContaining(["400", "404", "408", "413", "415", "429"]));
    }
  }
  expect(document.security).toEqual([{ bearer: [] }, { header: [] }]);
});

test("what is answered is what the document says", async () => {
  const messages = [{ role: "user", content: "Hi" }];
  const requests: readonly (readonly [path: string, body?: object])[] = [
    ["/v1/models"],
    ["/v1/models/{model}"],
    ["/v1/completions", { prompt: "a", logprobs: 1 }],
    ["/v1/chat/completions", { messages, logprobs: true }],
    ["/v1/embeddings", { input: "a" }],
    ["/v1/embeddings", { input: "a", encoding_format: "base64" }],
    ["/tokenize", { prompt: "a", return_token_strs: true }],
    ["/detokenize", { tokens: [65] }],
    ["/health"],
    ["/health/live"],
    ["/version"],
  ];
  for (const [path, payload] of requests) {
    const url = path.replace("{model}", "scripted");
    const response = await app.inject(
      payload === undefined ? { url, headers } : { method: "POST", url, headers, payload },
    );
    const { responses } = document.paths[path][payload === undefined ? "get" : "post"];
    const { schema } = responses[200].content["application/json"];
    expect([path, response.statusCode]).toEqual([path, 200]);
    expect([path, [...Value.Errors(schema, response.json())]]).toEqual([path, []]);
  }
});
