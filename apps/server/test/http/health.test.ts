/**
 * Cases of vLLM's `test_basic.py` (test_show_version, test_check_health, test_health_check_engine_dead_error) and llama.cpp's
 * `test_basic.py` (test_server_start_simple), by behaviour.
 */

import { buildApp } from "@llm-learning/server";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

test("health is 200 while requests are taken and 503 in OpenAI's shape before and after; live is 200 all the time", async () => {
  let isReady = false;
  const context = { ...contextOf([scriptedModel(() => saying("hi"))], { apiKeys: ["k"] }), isReady: () => isReady };
  const app = await buildApp(context);
  for (const url of ["/health", "/health/ready", "/ping"]) {
    isReady = false;
    const before = await app.inject(url);
    expect([before.statusCode, before.json().error.code]).toEqual([503, "unavailable"]);
    isReady = true;
    const ready = await app.inject(url);
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: "ok" }]);
  }
  isReady = false;
  expect((await app.inject("/health/live")).statusCode).toBe(200);
  await app.close();
});

test("the version is the package's", async () => {
  const app = await buildApp(contextOf([scriptedModel(() => saying("hi"))]));
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect((await app.inject("/version")).json()).toEqual({ version });
  await app.close();
});

test("health answers under any name, since probes call by address", async () => {
  const app = await buildApp(contextOf([scriptedModel(() => saying("hi"))]));
  const response = await app.inject({ url: "/health", headers: { host: "10.1.2.3:8000" } });
  expect(response.statusCode).toBe(200);
  await app.close();
});
