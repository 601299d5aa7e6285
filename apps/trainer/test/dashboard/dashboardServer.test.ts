import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { DashboardServer } from "../../src/dashboard/dashboardServer.ts";

const page = { html: "<!doctype html><title>page</title>", policy: "default-src 'none'" };
const opened: DashboardServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function start(pieces: Map<string, string>, port = 0): Promise<DashboardServer> {
  const server = await DashboardServer.start({
    port,
    page,
    render: (screen) => new Map([...pieces].map(([id, text]) => [id, `${text} ${screen}`])),
  });
  opened.push(server);
  return server;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

function ask(url: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // A connection of its own: none that the server has closed meanwhile.
    const sent = request(url, { ...options, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data: { readonly epoch?: string; readonly id?: string; readonly html?: string };
}

/** Reads a stream of events until `count` have come, then leaves. */
function listen(url: string, count: number, options: { headers?: Record<string, string>; onFirst?: () => void } = {}) {
  return new Promise<Message[]>((resolve, reject) => {
    const sent = request(url, { headers: options.headers ?? {} }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        const isFirst = text === "";
        text += chunk.toString();
        if (isFirst) options.onFirst?.();
        const messages = parse(text);
        if (messages.length < count) return;
        response.destroy();
        resolve(messages);
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

function parse(text: string): Message[] {
  return text
    .split("\n\n")
    .slice(0, -1)
    .filter((block) => block.includes("data: "))
    .map((block) => {
      const fields = Object.fromEntries(block.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line]));
      const value = (name: string): string | undefined => fields[name]?.slice(name.length + 2);
      return { id: value("id"), event: value("event"), data: JSON.parse(value("data") ?? "{}") } as Message;
    });
}

describe("the dashboard's server", () => {
  it("serves its page on 127.0.0.1, with a policy and without a cache", async () => {
    const { url } = await start(new Map());
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const { status, headers, body } = await ask(url);
    expect({ status, body }).toEqual({ status: 200, body: page.html });
    expect(headers).toMatchObject({
      "content-security-policy": page.policy,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-type": "text/html; charset=utf-8",
    });
  });

  it("refuses names that are not this machine, foreign origins, and all but GET", async () => {
    const { url } = await start(new Map());
    const { port } = new URL(url);
    for (const headers of [
      { host: "evil.example" },
      { host: `evil.example:${port}` },
      { host: "127.0.0.1:1" },
      { host: `127.0.0.1:${port}`, origin: "https://evil.example" },
      { host: `localhost:${port}`, origin: `http://127.0.0.1:${port}` },
    ]) {
      expect((await ask(url, { headers })).status, JSON.stringify(headers)).toBe(403);
      expect((await ask(`${url}events`, { headers })).status, JSON.stringify(headers)).toBe(403);
    }
    expect((await ask(url, { headers: { host: `localhost:${port}` } })).status).toBe(200);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const { status, headers } = await ask(url, { method });
      expect([status, headers.allow]).toEqual([405, "GET"]);
    }
  });

  it("knows two addresses and no file", async () => {
    const { url } = await start(new Map());
    for (const path of [
      "etc/passwd",
      "..%2f..%2fetc/passwd",
      "index.html",
      "events/",
      "%00",
      "//evil.example/events",
    ]) {
      expect((await ask(url + path)).status, path).toBe(404);
    }
  });

  it("sends every piece at first, and then what changes, under rising ids", async () => {
    const pieces = new Map([
      ["charts/a", "1"],
      ["charts/b", "2"],
    ]);
    const server = await start(pieces);
    const messages = await listen(`${server.url}events`, 5, {
      onFirst: () => {
        pieces.set("charts/b", "3").set("charts/c", "4");
        server.update();
      },
    });
    const epoch = messages[0].data.epoch;
    expect(messages.map(({ event }) => event)).toEqual(["hello", ...Array<string>(4).fill("fragment")]);
    expect(messages.slice(1).map(({ id, data }) => [id, data.id, data.html])).toEqual([
      [`${epoch}.1`, "charts/a", "1 wide"],
      [`${epoch}.2`, "charts/b", "2 wide"],
      [`${epoch}.3`, "charts/b", "3 wide"],
      [`${epoch}.4`, "charts/c", "4 wide"],
    ]);
  });

  it("goes on after Last-Event-ID, and begins anew after one of another server", async () => {
    const pieces = new Map(["a", "b", "c"].map((name) => [`charts/${name}`, name]));
    const { url } = await start(pieces);
    const [hello, first] = await listen(`${url}events?screen=narrow`, 4);
    expect(first.data.html).toBe("a narrow");
    const since = (id: string): Promise<Message[]> =>
      listen(`${url}events?screen=narrow`, id.endsWith(".2") ? 2 : 4, { headers: { "last-event-id": id } });
    expect((await since(`${hello.data.epoch}.2`)).slice(1).map(({ data }) => data.id)).toEqual(["charts/c"]);
    for (const id of ["0000.3", `${hello.data.epoch}.99`, "nonsense", `${hello.data.epoch}.-1`]) {
      expect((await since(id)).slice(1).map(({ data }) => data.id)).toEqual(["charts/a", "charts/b", "charts/c"]);
    }
  });

  it("ends its streams when it closes, and frees its port", async () => {
    const server = await start(new Map([["charts/a", "1"]]));
    const { url } = server;
    let closing: Promise<void> | undefined;
    const ended = new Promise<void>((resolve) => {
      request(`${url}events`, (response) => {
        response.once("data", () => (closing = server.close()));
        response.on("close", resolve);
        response.on("error", () => undefined);
      }).end();
    });
    await ended;
    await closing;
    opened.splice(0);
    await expect(ask(url)).rejects.toThrow("ECONNREFUSED");
    expect((await start(new Map(), Number(new URL(url).port))).url).toBe(url);
  });

  it("says that a port is in use, and looks for another where none was asked for", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start(new Map(), port)).rejects.toThrow(
      `expected a free --port for the dashboard, got ${port}, which is in use: give another, or 0 for any`,
    );
    other.close();
    const options = { page, render: () => new Map<string, string>() };
    opened.push(await DashboardServer.start(options), await DashboardServer.start(options));
    expect(opened[0].url).not.toBe(opened[1].url);
  });
});
