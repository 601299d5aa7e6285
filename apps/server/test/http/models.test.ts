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
