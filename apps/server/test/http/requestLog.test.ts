/**
 * Ids of requests and their lines in the log. Cases of vLLM's `test_optional_middleware.py` (test_enable_request_id_header,
 * test_custom_request_id_header), by behaviour.
 */

import { type AppContext, buildApp, createLog, type GenerationEvent } from "@llm-learning/server";
import { expect, test } from "vitest";
import { saying } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

/** A log that is kept. */
function keptLog() {
  const lines: string[] = [];
  return { lines, log: createLog("info", { write: (line) => lines.push(line) }) };
}

const key = "sk-secret-key";

function context(settings: Partial<AppContext["settings"]> = {}): AppContext {
  return contextOf([scriptedModel(() => saying("an answer"))], { apiKeys: [key], ...settings });
}

const completion = {
  method: "POST",
  url: "/v1/completions?token=in-the-url",
  headers: { authorization: `Bearer ${key}` },
  payload: { prompt: "a question", max_tokens: 9, n: 2 },
} as const;

test("a harmless id of the caller's is the request's; any other gets a new one", async () => {
  const app = await buildApp(context());
  const idFor = async (id: string) =>
    (await app.inject({ url: "/health", headers: { "x-request-id": id } })).headers["x-request-id"];
  for (const id of ["Custom", "a.b_c-9", "x".repeat(128)]) expect(await idFor(id)).toBe(id);
  for (const id of ["", "x".repeat(129), "a b", "é", 'a"b', "../../etc"]) {
    expect(await idFor(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  }
  await app.close();
});

test("a request leaves one line: who, what, how long, and what it came to", async () => {
  const { lines, log } = keptLog();
  const app = await buildApp({ ...context(), log });
  const { headers } = await app.inject({ ...completion, headers: { ...completion.headers, "x-request-id": "r1" } });
  expect(headers["x-request-id"]).toBe("r1");
  await app.inject({ url: "/v1/models", headers: { authorization: "Bearer wrong-key" } });
  expect(lines).toHaveLength(2);
  const [answered, refused] = lines.map((line) => JSON.parse(line));
  expect(answered).toMatchObject({
    level: "info",
    id: "r1",
    method: "POST",
    route: "/v1/completions",
    status: 200,
    model: "scripted",
    promptTokens: 2 * 10,
    completionTokens: 2 * 9,
    finishReason: "stop",
    msg: "request",
  });
  expect(answered.client).toMatch(/^[0-9a-f]{16}$/);
  expect(answered.ms).toBeGreaterThanOrEqual(0);
  expect(refused).toMatchObject({ method: "GET", route: "/v1/models", status: 401 });
  await app.close();
});

test("a request whose client left leaves a line too, with what was generated until then", async () => {
  const { lines, log } = keptLog();
  async function* endless(): AsyncGenerator<GenerationEvent> {
    yield { type: "prompt", cachedTokens: 0 };
    for (;;) {
      yield { type: "token", token: 97, text: "a" };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const app = await buildApp({ ...contextOf([scriptedModel(endless)]), log });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const controller = new AbortController();
  const response = await fetch(`${address}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "abc", stream: true }),
    signal: controller.signal,
  });
  await response.body?.getReader().read();
  controller.abort();
  const requests = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
  await expect.poll(requests).toHaveLength(1);
  const [line] = requests();
  expect(line).toMatchObject({ status: 200, clientGone: true, promptTokens: 3, finishReason: "abort" });
  expect(line.completionTokens).toBeGreaterThan(0);
  app.server.closeAllConnections();
  await app.close();
});

test("neither texts nor keys nor URLs are in the log; texts are where the operator wants them", async () => {
  const { lines, log } = keptLog();
  for (const logTexts of [false, true]) {
    const app = await buildApp({ ...context({ logTexts }), log });
    await app.inject(completion);
    await app.close();
  }
  const [plain, verbose] = lines;
  for (const secret of ["question", "answer", key, "in-the-url", "127.0.0.1"]) expect(plain).not.toContain(secret);
  const texts = { prompt: "a question", answer: "an answer" };
  expect(JSON.parse(verbose).texts).toEqual([texts, texts]);
  expect(verbose).not.toContain(key);
});

test("what carries keys is cut out of the log, whoever writes it", async () => {
  const { lines, log } = keptLog();
  log.info({ headers: { authorization: key }, settings: { apiKeys: [key] } }, "careless");
  expect(lines[0]).toContain("careless");
  expect(lines[0]).not.toContain(key);
});
