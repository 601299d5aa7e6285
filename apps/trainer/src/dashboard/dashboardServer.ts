/**
 * The server behind the live page: two addresses on this machine alone. `/` is the page, `/events` a stream of its pieces as
 * server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 * Nothing of a request reaches a file. A request whose Host is not this machine is refused: a foreign site whose name was made
 * to mean 127.0.0.1 (DNS rebinding) could read the page otherwise.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "../usageError.ts";
import { FragmentStore } from "./fragmentStore.ts";

/** For which screen plots are laid out. */
export type Screen = "wide" | "narrow";

export interface DashboardServerOptions {
  /** @defaultValue the first free one from 6060 on */
  readonly port?: number | undefined;
  /** The document, and the policy of what it may load. */
  readonly page: { readonly html: string; readonly policy: string };
  /** The pieces of the page as they are now, by id. */
  readonly render: (screen: Screen) => ReadonlyMap<string, string>;
}

const HOST = "127.0.0.1";
const FIRST_PORT = 6060;
const PORTS_TRIED = 20;
/** Streams at once: a browser opens one for each tab. */
const MAX_STREAMS = 32;
/** Proxies and browsers give up on a stream that is silent for long. */
const HEARTBEAT_MS = 15_000;

interface Stream {
  readonly response: ServerResponse;
  readonly screen: Screen;
  version: number;
}

export class DashboardServer {
  readonly #server: Server;
  readonly #options: DashboardServerOptions;
  readonly #stores = { wide: new FragmentStore(), narrow: new FragmentStore() };
  readonly #streams = new Set<Stream>();
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(options: DashboardServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#heartbeat = setInterval(() => this.#send(": still here\n\n"), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /**
   * Starts to listen.
   *
   * @throws UsageError where the port is taken, or all that were tried are.
   */
  static async start(options: DashboardServerOptions): Promise<DashboardServer> {
    const { port } = options;
    const ports = port === undefined ? Array.from({ length: PORTS_TRIED }, (_, i) => FIRST_PORT + i) : [port];
    const dashboard = new DashboardServer(options);
    for (const candidate of ports) if (await dashboard.#listen(candidate)) return dashboard;
    clearInterval(dashboard.#heartbeat);
    const tried = port === undefined ? `${ports[0]} to ${ports[ports.length - 1]}, all` : `${port}, which is`;
    throw new UsageError(`expected a free --port for the dashboard, got ${tried} in use: give another, or 0 for any`);
  }

  /** Where the page is. */
  get url(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Renders what is looked at, and sends what changed. */
  update(): void {
    for (const screen of new Set([...this.#streams].map((stream) => stream.screen))) this.#render(screen);
    for (const stream of this.#streams) this.#push(stream);
  }

  /** Ends every stream and stops listening. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const { response } of this.#streams) response.end();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /** @returns false where the port is in use. @throws UsageError where it may not be used. */
  async #listen(port: number): Promise<boolean> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => {
        if (error.code === "EADDRINUSE") resolve(false);
        else reject(new UsageError(`expected a --port to listen on, got ${port} (${error.code ?? error.message})`));
      };
      server.once("error", onError);
      server.listen(port, HOST, () => {
        server.off("error", onError);
        // A client that resets its connection is no fault of the training.
        server.on("clientError", (_, socket) => socket.destroy());
        resolve(true);
      });
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { html, policy } = this.#options.page;
    const headers = {
      "cache-control": "no-store",
      "content-security-policy": policy,
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    };
    const say = (status: number, text: string, more: Record<string, string> = {}): void => {
      response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8", ...more }).end(`${text}\n`);
    };
    if (!this.#isFromHere(request)) return say(403, "the dashboard answers to 127.0.0.1 and localhost only");
    if (request.method !== "GET") return say(405, "the dashboard is to be looked at: GET only", { allow: "GET" });
    // Not parsed as a URL: `//host/events` would be one of another host.
    const [pathname, query] = (request.url ?? "/").split("?", 2);
    if (pathname === "/") {
      response.writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8" }).end(html);
    } else if (pathname === "/events") {
      if (this.#streams.size >= MAX_STREAMS) return say(503, "too many pages look at this dashboard");
      response.writeHead(200, { ...headers, "content-type": "text/event-stream; charset=utf-8" });
      this.#open(request, response, new URLSearchParams(query).get("screen") === "narrow" ? "narrow" : "wide");
    } else say(404, "there is nothing here: the dashboard is at /");
  }

  #isFromHere({ headers: { host, origin } }: IncomingMessage): boolean {
    const { port } = this.#server.address() as AddressInfo;
    const names = [`${HOST}:${port}`, `localhost:${port}`];
    return host !== undefined && names.includes(host) && (origin === undefined || origin === `http://${host}`);
  }

  #open(request: IncomingMessage, response: ServerResponse, screen: Screen): void {
    const store = this.#stores[screen];
    const header = request.headers["last-event-id"];
    const stream = { response, screen, version: store.seenBy(typeof header === "string" ? header : undefined) };
    this.#streams.add(stream);
    response.on("close", () => this.#streams.delete(stream));
    response.on("drain", () => this.#push(stream));
    response.write(`retry: 2000\nevent: hello\ndata: ${JSON.stringify({ epoch: store.epoch })}\n\n`);
    this.#render(screen);
    this.#push(stream);
  }

  #render(screen: Screen): void {
    for (const [id, html] of this.#options.render(screen)) this.#stores[screen].set(id, html);
  }

  /** Sends what a stream has not seen; one whose reader is slow is sent the newest once it has caught up. */
  #push(stream: Stream): void {
    const { response, screen } = stream;
    const store = this.#stores[screen];
    for (const { id, html, version } of store.since(stream.version)) {
      if (response.writableNeedDrain || response.writableEnded) return;
      response.write(`id: ${store.epoch}.${version}\nevent: fragment\ndata: ${JSON.stringify({ id, html })}\n\n`);
      stream.version = version;
    }
  }

  #send(text: string): void {
    for (const { response } of this.#streams) if (!response.writableEnded) response.write(text);
  }
}
