import { expect, test } from "vitest";
import { isBuilt } from "../builtCli.ts";
import { tinyModel } from "../tinyModel.ts";
import { complete, startServer, startStream } from "./startedServer.ts";

/** Milliseconds: processes start, a second each and far more where the machine is busy. */
const timeout = 240_000;

const LONG = 2000;

/** Process ids of the workers that are loaded, from the log. */
function workersOf(log: readonly { readonly msg?: string; readonly pid?: unknown }[]): number[] {
  return log.filter(({ msg }) => msg === "the model is loaded").map(({ pid }) => pid as number);
}

/** Tokens that all workers have generated together. */
async function generatedBy(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: "close" } })).text();
  return Number(/^vllm:generation_tokens_total\{model_name="tiny"\} (\d+)$/m.exec(text)?.[1]);
}

// One server for all of it: each start is three processes.
test.runIf(isBuilt)(
  "two workers on one port count together, are replaced, and go on when one is killed",
  { timeout },
  async () => {
    const directory = await tinyModel({ blockSize: LONG + 192 });
    const server = await startServer([directory, "--workers", "2", "--threads", "1", "--max-batch", "4"]);
    const { url, log, child, ended } = server;
    for (let i = 0; i < 6; i++) {
      const answer = await complete(url, { max_tokens: 5 }, { headers: { connection: "close" } });
      expect([answer.status, await answer.json()]).toMatchObject([200, { usage: { completion_tokens: 5 } }]);
    }
    expect(await generatedBy(url)).toBe(30);

    // Both are replaced, one after the other, and nothing is forgotten.
    const before = workersOf(log);
    expect(before).toHaveLength(2);
    child.kill("SIGHUP");
    await server.line(({ msg }) => msg === "the workers are replaced");
    const after = workersOf(log).filter((pid) => !before.includes(pid));
    expect(after).toHaveLength(2);
    expect(await generatedBy(url)).toBe(30);

    // Connections are handed out in turn.
    const streams = await Promise.all([1, 2].map(() => startStream(url, { max_tokens: LONG })));
    process.kill(after[0], "SIGKILL");
    const ends = await Promise.allSettled(streams.map(({ events }) => events));
    const finished = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    // One of the streams was cut, which its client takes for an error; the other one does not know of it.
    expect(finished.map((events) => events.at(-1))).toEqual(["data: [DONE]"]);
    expect((await complete(url, { max_tokens: 2 })).status).toBe(200);
    await server.line(
      ({ msg, pid }) => msg === "the model is loaded" && ![...before, ...after].includes(pid as number),
    );
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  },
);
