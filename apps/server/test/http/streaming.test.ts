/**
 * Clients over real connections: those that leave, those that do not read, those that read slowly.
 *
 * Carried over by behaviour, from llama.cpp's tools/server/tests/unit/test_completion.py: test_cancel_request.
 */

import { type App, type AppSettings, buildApp, type GenerationEvent } from "@llm-learning/server";
import { EventEmitter, once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, expect, test } from "vitest";
import { saying, type Script } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

const url = "/v1/completions";
/** What the one server of all tests says, unless a test has settings of its own. */
let current: Script;
let shared: App | undefined;
const apps: App[] = [];

afterAll(async () => {
  for (const app of apps) await app.close();
});

/** @returns the port of a server of this script. */
async function listening(script: Script, settings?: Partial<AppSettings>): Promise<number> {
  current = script;
  const app =
    (settings === undefined ? shared : undefined) ??
    (await buildApp(contextOf([scriptedModel((...task) => current(...task))], settings)));
  if (!apps.includes(app)) {
    apps.push(app);
    await app.listen({ port: 0 });
  }
  if (settings === undefined) shared = app;
  return (app.server.address() as AddressInfo).port;
}

function posted(port: number, body: object, path = url): ClientRequest {
  const headers = { "content-type": "application/json" };
  const client = request({ port, path, method: "POST", agent: false, headers });
  client.on("error", () => undefined);
  client.end(JSON.stringify(body));
  return client;
}

/** A script that begins and then waits for ever, and what becomes of its tasks. */
function waiting(begin: readonly GenerationEvent[]): {
  script: Script;
  begun: Promise<unknown>;
  ended: Promise<unknown>;
} {
  const news = new EventEmitter();
  async function* script(_: unknown, signal?: AbortSignal): AsyncGenerator<GenerationEvent> {
    yield* begin;
    news.emit("begun");
    if (signal?.aborted === false) await once(signal, "abort");
    news.emit("ended", signal?.reason);
    signal?.throwIfAborted();
  }
  return { script, begun: once(news, "begun"), ended: once(news, "ended") };
}

const beginning: GenerationEvent[] = [
  { type: "prompt", cachedTokens: 0 },
  { type: "token", token: 97, text: "a" },
];

test("a client that leaves in the middle of a stream ends its tasks", async () => {
  for (const path of [url, "/v1/chat/completions"]) {
    const { script, ended } = waiting(beginning);
    const port = await listening(script);
    const client = posted(port, { prompt: "a", messages: [{ role: "user", content: "a" }], stream: true }, path);
    const [response] = (await once(client, "response")) as [IncomingMessage];
    await once(response, "data");
    client.destroy();
    expect(await ended).toMatchObject([{ message: "the client went away" }]);
  }
});

test("a client that leaves before it is answered ends its tasks, streamed or not, begun or not", async () => {
  for (const stream of [true, false]) {
    for (const begin of [[], beginning.slice(0, 1)]) {
      const { script, begun, ended } = waiting(begin);
      const port = await listening(script);
      const client = posted(port, { prompt: "a", n: 3, stream });
      await begun;
      client.destroy();
      expect(await ended).toMatchObject([{ message: "the client went away" }]);
    }
  }
});

test("a reader that stops is cut off, and until then nothing is made that does not fit", async () => {
  const news = new EventEmitter();
  const ended = once(news, "ended");
  const text = "a".repeat(1 << 16);
  let made = 0;
  async function* endless(_: unknown, signal?: AbortSignal): AsyncGenerator<GenerationEvent> {
    signal?.addEventListener("abort", () => news.emit("ended"));
    yield { type: "prompt", cachedTokens: 0 };
    for (; ; made++) yield { type: "token", token: 97, text };
  }
  const port = await listening(endless, { slowReaderSeconds: 0.1 });
  const body = JSON.stringify({ prompt: "a", stream: true });
  const socket = connect(port);
  socket.on("error", () => undefined);
  socket.write(
    `POST ${url} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  await ended;
  // What two sockets hold: some MB, never 64.
  expect(made).toBeLessThan(1024);
  socket.destroy();
});

test("a reader that is slower than the model gets everything, and the model waits for it", async () => {
  const count = 200;
  let made = 0;
  function* script(): Generator<GenerationEvent> {
    yield { type: "prompt", cachedTokens: 0 };
    for (; made < count; made++) yield { type: "token", token: 97, text: "a".repeat(1 << 16) };
    yield { type: "end", reason: "length", text: "", completionTokens: count };
  }
  const port = await listening(script);
  const [response] = (await once(posted(port, { prompt: "a", stream: true }), "response")) as [IncomingMessage];
  await once(response, "readable");
  // 13 MB do not fit between a server and a client that does not read.
  expect(made).toBeLessThan(count);
  let body = "";
  for await (const piece of response.setEncoding("utf8")) body += piece as string;
  expect(body.length).toBeGreaterThan(count << 16);
  expect(body.endsWith("data: [DONE]\n\n")).toBe(true);
});

test("many answers to many prompts take no more slots than there are, and come whole", async () => {
  let running = 0;
  let most = 0;
  async function* script({ prompt }: { prompt: readonly number[] }): AsyncGenerator<GenerationEvent> {
    most = Math.max(most, ++running);
    yield { type: "prompt", cachedTokens: 0 };
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    yield { type: "end", reason: "stop", text: String(prompt[0]), completionTokens: 1 };
  }
  const port = await listening(script);
  const prompts = Array.from({ length: 64 }, (_, index) => [index]);
  const [response] = (await once(posted(port, { prompt: prompts, n: 16 }), "response")) as [IncomingMessage];
  const { choices, usage } = JSON.parse((await response.setEncoding("utf8").toArray()).join("")) as {
    choices: { index: number; text: string }[];
    usage: object;
  };
  expect(choices.map(({ text }) => text)).toEqual(Array.from({ length: 1024 }, (_, index) => String(index >> 4)));
  expect(usage).toMatchObject({ prompt_tokens: 64, completion_tokens: 1024 });
  expect(most).toBe(4);
});

test("as many tasks as there are slots may listen to their end", async () => {
  const model = scriptedModel(async function* (_, signal) {
    signal?.addEventListener("abort", () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    yield* saying("a");
  });
  model.engine.statistics = { ...model.engine.statistics, slots: 32 };
  const warnings: Error[] = [];
  process.on("warning", (warning) => warnings.push(warning));
  const app = await buildApp(contextOf([model]));
  const response = await app.inject({ method: "POST", url, payload: { prompt: Array(4).fill("a"), n: 8 } });
  expect([response.statusCode, warnings]).toEqual([200, []]);
  await app.close();
});
