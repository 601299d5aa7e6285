// Requests that mean harm, to the routes alone.
import { buildApp } from "@llm-learning/server";
import { randomFrom } from "@llm-learning/testing/mutations";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";
import { hostileRequest } from "./requests.ts";

test("damaged requests are answered, or refused as OpenAI refuses: never an error of ours", async () => {
  const random = randomFrom(1);
  const model = scriptedModel(({ maxTokens }) => saying("ok".slice(0, maxTokens)), { embeddingSize: 4 });
  const app = await buildApp(contextOf([model]));
  const statuses = new Map<number, number>();
  for (let i = 0; i < 400; i++) {
    const request = hostileRequest(random);
    const { method, path, headers, body } = request;
    const response = await app.inject({ method, url: path, headers, ...(body !== undefined && { payload: body }) });
    statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1);
    expect(response.statusCode, JSON.stringify(request).slice(0, 2000)).toBeLessThan(500);
    if (response.statusCode < 400 || method === "HEAD") continue;
    expect(response.json(), JSON.stringify(request).slice(0, 2000)).toMatchObject({
      error: { message: expect.any(String), type: expect.any(String) },
    });
  }
  // Some of them are sound all the same, and most are not.
  expect(statuses.get(200)).toBeGreaterThan(20);
  expect(statuses.get(400)).toBeGreaterThan(100);
  await app.close();
});
