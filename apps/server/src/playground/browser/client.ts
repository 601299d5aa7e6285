/**
 * What the page asks of the server that it came from, and nobody else.
 */

import type {
  AttentionAnswer,
  AttentionRequest,
  GenerateRequest,
  PlaygroundEvent,
  PlaygroundModel,
} from "../protocol.ts";

/** An error, as all routes answer it. */
interface Problem {
  readonly error: { readonly message: string };
}

/** An answer that is none, with the server's own words. */
export class ServerProblem extends Error {
  override readonly name = "ServerProblem";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Client {
  /** Sent along where it is not empty. */
  key = "";

  async models(): Promise<PlaygroundModel[]> {
    const response = await this.#fetch("/playground/models", {});
    return ((await response.json()) as { models: PlaygroundModel[] }).models;
  }

  async attention(request: AttentionRequest, signal: AbortSignal): Promise<AttentionAnswer> {
    const response = await this.#post("/playground/attention", request, signal);
    return (await response.json()) as AttentionAnswer;
  }

  /** The events of a generation as they arrive. */
  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<PlaygroundEvent> {
    const response = await this.#post("/playground/generate", request, signal);
    for await (const line of linesOf(response)) {
      const data = /^data: (\{.*)$/.exec(line)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as PlaygroundEvent | Problem;
      if ("error" in event) throw new ServerProblem(response.status, event.error.message);
      yield event;
    }
  }

  #post(path: string, body: object, signal: AbortSignal): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return this.#fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  }

  async #fetch(path: string, options: RequestInit): Promise<Response> {
    const authorization: Record<string, string> = this.key === "" ? {} : { authorization: `Bearer ${this.key}` };
    const headers = { ...(options.headers as Record<string, string> | undefined), ...authorization };
    let response: Response;
    try {
      response = await fetch(path, { ...options, headers });
    } catch (error) {
      if ((error as Error).name === "AbortError") throw error;
      throw new ServerProblem(0, "The server does not answer. Is it still running?");
    }
    if (!response.ok) throw new ServerProblem(response.status, await problemOf(response));
    return response;
  }
}

async function problemOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as Problem;
    return error.message;
  } catch {
    return `The server answered with status ${response.status}.`;
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
    const lines = (rest + read.value).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
  if (rest !== "") yield rest;
}
