/**
 * The built program as a process of its own, as operators start it.
 */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { cli } from "../builtCli.ts";

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface StartedServer {
  readonly url: string;
  readonly child: ChildProcess;
  readonly log: readonly LogLine[];
  /** The exit status, when it has ended. */
  readonly ended: Promise<number | null>;
  /** The first line of the log from now on, or before, that `matches`. */
  line(matches: (line: LogLine) => boolean): Promise<LogLine>;
}

/** The environment without settings of whoever runs the tests. */
function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("LLM_SERVE_"));
  return { ...Object.fromEntries(inherited), ...extra };
}

/** Starts the program on a free port, and waits until it is ready. It is ended after the test. */
export async function startServer(args: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<StartedServer> {
  const child = spawn(process.execPath, [cli, "--port", "0", ...args], {
    env: environment(extra),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => void child.once("exit", (code) => resolve(code)));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach((check) => check());
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (text) => {
    log.push(JSON.parse(text) as LogLine);
    wake();
  });
  lines.on("close", wake);
  const line = (matches: (line: LogLine) => boolean): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = log.find(matches);
        if (found === undefined && child.exitCode === null) return;
        waiting.delete(check);
        if (found === undefined) reject(new Error(`the server ended: ${JSON.stringify(log.slice(-3))}`));
        else resolve(found);
      };
      waiting.add(check);
      void ended.then(check);
      check();
    });
  const { url } = await line(({ msg }) => msg === "ready");
  return { url: url as string, child, log, ended, line };
}

/** Runs the program until it ends by itself. */
export function runCli(args: readonly string[], extra: NodeJS.ProcessEnv = {}) {
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], { env: environment(extra) }, (_, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
  });
}

/** Asks for a completion of `maxTokens` tokens. */
export function complete(
  url: string,
  body: object,
  { headers = {} }: { headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ prompt: "Call me", temperature: 0, ignore_eos: true, ...body }),
  });
}

/** A stream of events that runs: its first event has come. */
export interface RunningStream {
  /** All events, when it has ended. @throws where the connection was cut. */
  readonly events: Promise<readonly string[]>;
}

/** Asks for a stream, and waits for its first event. */
export async function startStream(url: string, body: object): Promise<RunningStream> {
  const response = await complete(url, { stream: true, ...body });
  if (response.body === null || !response.ok) throw new Error(`got ${response.status}: ${await response.text()}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value ?? "";
  const read = async (): Promise<readonly string[]> => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    return text.split("\n\n").filter((event) => event !== "");
  };
  const events = read();
  // Whoever waits for it is told.
  events.catch(() => undefined);
  return { events };
}
