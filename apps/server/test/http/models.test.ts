import { buildApp } from "@llm-learning/server";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

test("models are listed as OpenAI lists them", async () => {
  const app = await buildApp(contextOf([scriptedModel(() => saying("hi"))]));
  const response = await app.inject("/v1/models");
  expect(response.json()).toEqual({
    object: "list",
    data: [{ id: "scripted", object: "model", created: 1_700_000_000, owned_by: "llm-learning", max_model_len: 64 }],
  });
  await app.close();
});

test("a model is described by its name, and one that is not served is 404 as OpenAI says it", async () => {
  const app = await buildApp(contextOf([scriptedModel(() => [], { id: "org/tiny" })]));
  expect((await app.inject("/v1/models/org%2Ftiny")).json()).toMatchObject({ id: "org/tiny", object: "model" });
  const response = await app.inject("/v1/models/other");
  expect(response.statusCode).toBe(404);
  expect(response.json()).toEqual({
    error: {
      message: 'model: expected one of "org/tiny", got "other"',
      type: "invalid_request_error",
      param: "model",
      code: "model_not_found",
    },
  });
  await app.close();
});
