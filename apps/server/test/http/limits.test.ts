/**
 * Bounds on what a connection may send, against a listening server.
 */

import { type AppContext, buildApp, type GenerationEvent } from "@llm-learning/server";
import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { saying, type Script } from "../scriptedEngine.ts";
import { contextOf, scriptedModel } from "../servedModel.ts";

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** A server on a free port, and connections to it. */
async function listening(settings: Partial<AppContext["settings"]> = {}, script: Script = () => saying("hi")) {
  const app = await buildApp(contextOf([scriptedModel(script)], settings));
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  closings.push(() => app.close());
  return {
    app,
    open: async (): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      closings.unshift(() => socket.destroy());
      await once(socket, "connect");
      return socket;
    },
  };
}

/** All that comes until the other side closes. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (data) => (text += data.toString()));
  await once(socket, "close");
  return text;
}

const head = (length: number) =>
  `POST /tokenize HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n`;

test("a body that trickles in is cut off with 408 in OpenAI's shape", async () => {
  const { open } = await listening({ arrivalTimeoutSeconds: 0.2 });
  const socket = await open();
  socket.write(`${head(1000)}\r\n{"prompt":`);
  const answer = await untilClosed(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(JSON.parse(answer.slice(answer.indexOf("{")))).toEqual({
    error: { message: "the request took too long to arrive", type: "timeout_error", param: null, code: null },
  });
});

test("headers that trickle in are cut off with 408", async () => {
  const { open } = await listening({ arrivalTimeoutSeconds: 0.2 });
  const socket = await open();
  socket.write("POST /tokenize HTTP/1.1\r\nhost: local");
  expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 408 /);
});

test("headers of more than 16 KiB are refused with 431, and what is no HTTP with 400", async () => {
  const { open } = await listening();
  const large = await open();
  large.write(`${head(2)}x-filler: ${"a".repeat(20_000)}\r\n\r\n{}`);
  expect(await untilClosed(large)).toMatch(/^HTTP\/1\.1 431 .*"error"/s);
  const garbage = await open();
  garbage.write("\u0016\u0003\u0001 no http\r\n\r\n");
  expect(await untilClosed(garbage)).toMatch(/^HTTP\/1\.1 400 .*"error"/s);
});

test("what is no HTTP behind a request breaks off its answer, and is written into none", async () => {
  async function* endless(): AsyncGenerator<GenerationEvent> {
    yield { type: "prompt", cachedTokens: 0 };
    for (;;) {
      yield { type: "token", token: 97, text: "a" };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const { open } = await listening({}, endless);
  const socket = await open();
  const body = '{"prompt":"a","stream":true}';
  socket.write(`${head(body.length).replace("/tokenize", "/v1/completions")}\r\n${body}`);
  const answer = untilClosed(socket);
  await once(socket, "data");
  socket.write("\u0016\u0003\u0001 no http\r\n\r\n");
  expect((await answer).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
});

test("connections beyond the limit are closed, and those before them go on", async () => {
  const { open } = await listening({ maxConnections: 2 });
  const [first] = [await open(), await open()];
  const third = await open();
  expect(await untilClosed(third)).toBe("");
  first.write("GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
  expect(await untilClosed(first)).toMatch(/^HTTP\/1\.1 200 /);
});

test("a body beyond the limit is refused with 413, declared or not", async () => {
  const { app } = await listening({ maxBodyBytes: 100 });
  const headers = { "content-type": "application/json" };
  const payload = JSON.stringify({ prompt: "a".repeat(200) });
  const declared = await app.inject({ method: "POST", url: "/tokenize", headers, payload });
  expect([declared.statusCode, declared.json().error.type]).toEqual([413, "invalid_request_error"]);
  async function* chunks() {
    yield Buffer.from(payload);
  }
  const { port } = app.server.address() as AddressInfo;
  const streamed = await fetch(`http://127.0.0.1:${port}/tokenize`, {
    method: "POST",
    headers,
    body: chunks(),
    duplex: "half",
  });
  expect(streamed.status).toBe(413);
  await streamed.text();
});

test("what is malformed, or could be sent by a page of another origin unasked, is refused", async () => {
  const { app } = await listening();
  const statusOf = async (type: string, payload: string) => {
    const response = await app.inject({ method: "POST", url: "/tokenize", headers: { "content-type": type }, payload });
    expect(response.json().error.type).toBe("invalid_request_error");
    return response.statusCode;
  };
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"]) {
    expect([type, await statusOf(type, '{"prompt":"a"}')]).toEqual([type, 415]);
  }
  for (const body of ["", "{", "[]", "null", '"a"', `${"[".repeat(100_000)}`, '{"prompt":"a"}x']) {
    expect([body, await statusOf("application/json", body)]).toEqual([body, 400]);
  }
  for (const key of ['"__proto__":{"x":1}', '"constructor":{"prototype":{"x":1}}', '"\\u005f_proto__":{"x":1}']) {
    expect([key, await statusOf("application/json", `{"prompt":"a",${key}}`)]).toEqual([key, 400]);
  }
  expect("x" in {}).toBe(false);
});

test("an address leads to no file", async () => {
  const { app } = await listening();
  const addresses = [
    "/v1/models/..%2f..%2fetc%2fpasswd",
    "/..%2f..%2fetc/passwd",
    "/%00",
    "/v1/models/%",
    "//etc/passwd",
  ];
  for (const url of addresses) {
    const response = await app.inject(url);
    expect([400, 404]).toContain(response.statusCode);
    expect(response.json().error.type).toBe("invalid_request_error");
  }
});
