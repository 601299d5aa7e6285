// Ten thousand requests that mean harm, to the whole program on a small model: half of them as JSON with values damaged, half as bytes
// of whole requests damaged. It may refuse whatever it likes; it may not fail, end, grow without bound or keep anybody waiting.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { below, randomFrom } from "@llm-learning/testing/mutations";
import { expect, test } from "vitest";
import { hostileBytes, hostileRequest } from "./requests.ts";
import { startServer } from "../operation/startedServer.ts";
import { tinyModel } from "../tinyModel.ts";

const seconds = 20;

test("no request ends the server, fails in it, or takes it over", async () => {
  const server = await startServer([await tinyModel()]);
  const pid = Number(server.child.pid);
  const random = randomFrom(2026);
  const statuses = new Map<number, number>();
  const before = residentMegabytes(pid);
  const count = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1);

  await atOnce(8, 5000, async () => {
    const request = hostileRequest(random);
    const { method, path, headers, body } = request;
    let response: Response;
    try {
      const signal = AbortSignal.timeout(seconds * 1000);
      response = await fetch(server.url + path, { method, headers, signal, ...(body !== undefined && { body }) });
      await response.text();
    } catch (error) {
      // A header that no client may send never reaches the server.
      if (error instanceof TypeError && /header|url|fetch failed/i.test(`${error.message} ${String(error.cause)}`))
        return;
      throw error;
    }
    count(response.status);
    expect(response.status, JSON.stringify(request).slice(0, 2000)).toBeLessThan(500);
  });

  await atOnce(8, 5000, async () => {
    const bytes = hostileBytes(random);
    const answer = await exchange(Number(new URL(server.url).port), bytes, below(4, random) === 0);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
    count(status);
    expect(status, Buffer.from(bytes).toString("latin1").slice(0, 2000)).toBeLessThan(500);
  });

  // It still answers, holds nothing, and is not much larger than it was.
  const answer = await fetch(`${server.url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "To be", max_tokens: 4, temperature: 0 }),
  });
  expect(answer.status).toBe(200);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^vllm:num_requests_running\{.*\} 0$/m);
  expect(metrics).toMatch(/^vllm:num_requests_waiting\{.*\} 0$/m);
  expect(residentMegabytes(pid)).toBeLessThan(before + 500);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(statuses.get(200)).toBeGreaterThan(500);
  expect(statuses.get(400)).toBeGreaterThan(2000);
});

/** Runs `work` so many times, some at once. */
async function atOnce(workers: number, times: number, work: () => Promise<void>): Promise<void> {
  let left = times;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

/** Sends bytes and reads until the server closes, or until it waits for more than it gets; some clients hang up without waiting. */
function exchange(port: number, bytes: Uint8Array, hangsUp: boolean): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ port, host: "127.0.0.1" });
    // What is not complete is waited for by the server; this client gives up first.
    const giveUp = setTimeout(() => socket.destroy(), 300);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      answer += text;
      giveUp.refresh();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(giveUp);
      resolve(answer);
    });
    socket.write(bytes, () => {
      if (hangsUp) socket.destroy();
    });
  });
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
