/**
 * Who is let in, and what is said to those who are not. Cases of llama.cpp's `test_security.py` (test_access_public_endpoint,
 * test_incorrect_api_key, test_correct_api_key, test_correct_api_key_anthropic_header, test_cors_options) and of vLLM's
 * `test_optional_middleware.py` (test_no_api_token, test_missing_api_token, test_passed_api_token, test_not_v1_api_token), by
 * behaviour; where the two differ from OpenAI's API, OpenAI's is followed: `/v1/models` needs the key.
 */

import { buildApp } from "@llm-learning/server";
import { timingSafeEqual } from "node:crypto";
import { expect, test, vi } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

vi.mock(import("node:crypto"), async (original) => {
  const crypto = await original();
  return { ...crypto, timingSafeEqual: vi.fn<typeof timingSafeEqual>(crypto.timingSafeEqual) };
});

const model = () => scriptedModel(() => saying("hi"));
const key = "sk-this-is-the-secret-key";

test("without keys, all requests are welcome", async () => {
  const app = await buildApp(contextOf([model()]));
  expect((await app.inject("/v1/models")).statusCode).toBe(200);
  await app.close();
});

test("with keys, a request needs one of them, and an answer of 401 says how in OpenAI's shape", async () => {
  const app = await buildApp(contextOf([model()], { apiKeys: ["other-key", key] }));
  const headers = [
    {},
    { authorization: "Bearer invalid-key" },
    { authorization: `Bearer ${key}x` },
    { authorization: `Bearer ${key.slice(0, -1)}` },
    { authorization: "Bearer " },
    { authorization: key },
    { authorization: `Basic ${key}` },
    { "x-api-key": "invalid-key" },
  ];
  for (const refused of headers) {
    const response = await app.inject({ url: "/v1/models", headers: refused });
    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toContain("Bearer");
    const { error } = response.json();
    expect(error).toMatchObject({ type: "authentication_error", param: null, code: "invalid_api_key" });
    expect(response.body).not.toContain("invalid-key");
  }
  const welcome = [
    { authorization: `Bearer ${key}` },
    { authorization: `bearer  ${key}` },
    { authorization: "Bearer other-key" },
    { "x-api-key": key },
  ];
  for (const known of welcome) {
    expect((await app.inject({ url: "/v1/models", headers: known })).statusCode).toBe(200);
  }
  await app.close();
});

test("all hashes of keys are compared, in constant time, whichever key comes", async () => {
  const app = await buildApp(contextOf([model()], { apiKeys: [key, "second", "third"] }));
  for (const presented of [key, "third", "no key at all", "n"]) {
    vi.mocked(timingSafeEqual).mockClear();
    await app.inject({ url: "/v1/models", headers: { "x-api-key": presented } });
    const lengths = vi.mocked(timingSafeEqual).mock.calls.map(([one, other]) => [one.byteLength, other.byteLength]);
    expect(lengths).toEqual([
      [32, 32],
      [32, 32],
      [32, 32],
    ]);
  }
  await app.close();
});

test("what is not there needs a key too, and bodies without one are not read", async () => {
  const app = await buildApp(contextOf([model()], { apiKeys: [key] }));
  expect((await app.inject("/v1/nothing")).statusCode).toBe(401);
  const response = await app.inject({ method: "POST", url: "/v1/completions", payload: "{".repeat(1 << 21) });
  expect(response.statusCode).toBe(401);
  await app.close();
});

test("metrics need a key unless they are public; health and the description of the API need none", async () => {
  const guarded = await buildApp(contextOf([model()], { apiKeys: [key] }));
  expect((await guarded.inject("/metrics")).statusCode).toBe(401);
  expect((await guarded.inject("/health")).statusCode).toBe(200);
  expect((await guarded.inject("/openapi.json")).statusCode).toBe(200);
  await guarded.close();
  const open = await buildApp(contextOf([model()], { apiKeys: [key], publicMetrics: true }));
  expect((await open.inject("/metrics")).statusCode).toBe(200);
  await open.close();
});

test("a page whose name was pointed at this machine is refused, unless it has a key or its name is allowed", async () => {
  const app = await buildApp(contextOf([model()], { allowedHosts: ["llm.internal"] }));
  const statusOf = async (host: string) => (await app.inject({ url: "/v1/models", headers: { host } })).statusCode;
  for (const host of ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LLM.internal:80"]) {
    expect([host, await statusOf(host)]).toEqual([host, 200]);
  }
  for (const host of ["evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "::1"]) {
    expect([host, await statusOf(host)]).toEqual([host, 403]);
  }
  await app.close();
  const keyed = await buildApp(contextOf([model()], { apiKeys: [key] }));
  const headers = { host: "llm.example", authorization: `Bearer ${key}` };
  expect((await keyed.inject({ url: "/v1/models", headers })).statusCode).toBe(200);
  await keyed.close();
});

test("pages of other origins may not call, except those of origins that are named", async () => {
  const preflight = {
    method: "OPTIONS",
    url: "/v1/chat/completions",
    headers: { origin: "https://web.example", "access-control-request-method": "POST" },
  } as const;
  const closed = await buildApp(contextOf([model()]));
  expect((await closed.inject(preflight)).headers["access-control-allow-origin"]).toBeUndefined();
  await closed.close();

  const app = await buildApp(contextOf([model()], { apiKeys: [key], corsOrigins: ["https://web.example"] }));
  const allowed = await app.inject(preflight);
  expect(allowed.statusCode).toBe(204);
  expect(allowed.headers).toMatchObject({
    "access-control-allow-origin": "https://web.example",
    "access-control-allow-methods": "GET, POST",
  });
  expect(allowed.headers["access-control-allow-credentials"]).toBeUndefined();
  for (const origin of ["https://web.example.evil", "http://web.example", "null"]) {
    const other = await app.inject({ ...preflight, headers: { ...preflight.headers, origin } });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
  }
  await app.close();
});

test("every answer, errors too, tells browsers to run, guess and frame nothing", async () => {
  const app = await buildApp(contextOf([model()]));
  for (const url of ["/v1/models", "/nothing", "/health"]) {
    const { headers } = await app.inject(url);
    expect(headers["content-security-policy"]).toContain("default-src 'self'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    expect(headers["x-powered-by"]).toBeUndefined();
  }
  await app.close();
});
