import { defaultSettings } from "@llm-learning/server";
import { expect, test } from "vitest";
import { clientOf } from "../../src/http/client.ts";

const guarded = { settings: { ...defaultSettings, apiKeys: ["a", "b"] } };
const open = { settings: defaultSettings };
const request = (authorization: string, ip: string) => ({ headers: { authorization }, ip });

test("a client is its key, wherever it calls from and however it sends it", () => {
  const client = clientOf(guarded, request("Bearer a", "10.0.0.1"));
  expect(clientOf(guarded, request("bearer  a", "10.0.0.2"))).toBe(client);
  expect(clientOf(guarded, { headers: { "x-api-key": "a" }, ip: "10.0.0.3" })).toBe(client);
  expect(clientOf(guarded, request("Bearer b", "10.0.0.1"))).not.toBe(client);
});

test("where no keys are asked for, a client is its address, whatever keys it makes up", () => {
  const client = clientOf(open, request("Bearer a", "10.0.0.1"));
  expect(clientOf(open, request("Bearer b", "10.0.0.1"))).toBe(client);
  expect(clientOf(open, request("Bearer a", "10.0.0.2"))).not.toBe(client);
});

test("the name of a client tells neither key nor address", () => {
  expect(clientOf(guarded, request("Bearer a", "10.0.0.1"))).toMatch(/^[0-9a-f]{16}$/);
});
