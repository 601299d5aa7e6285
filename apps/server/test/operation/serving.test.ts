import { createServer } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isBuilt } from "../builtCli.ts";
import { tinyModel } from "../tinyModel.ts";
import { complete, runCli, startServer, startStream } from "./startedServer.ts";

/** Milliseconds: processes start, a second each and far more where the machine is busy. */
const timeout = 120_000;

/** Tokens of a text that takes half a second or more. */
const LONG = 2000;
const longModel = (): Promise<string> => tinyModel({ blockSize: LONG + 192 });

describe.runIf(isBuilt)("llm-serve", { timeout }, () => {
  test("serves a model directory by its name, when it has generated a first text", async () => {
    const { url, line, child, ended } = await startServer([await tinyModel({ q8: true })]);
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });
    const models = (await (await fetch(`${url}/v1/models`)).json()) as { data: object[] };
    expect(models.data).toMatchObject([{ id: "tiny", max_model_len: 64 }]);
    const answer = (await (await complete(url, { max_tokens: 5 })).json()) as object;
    expect(answer).toMatchObject({ model: "tiny", usage: { prompt_tokens: 7, completion_tokens: 5 } });
    expect(await line(({ msg }) => msg === "the model is loaded")).toMatchObject({ model: "tiny", weights: "q8" });
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  });

  test("serves several models, under names of the operator's choice, and asks for a key where others can reach it", async () => {
    const key = "sk-of-the-test";
    const [one, two] = [await tinyModel(), await tinyModel()];
    const args = [one, "--model-name", `whale=${two}`, "--max-batch", "2", "--host", "0.0.0.0"];
    const { url } = await startServer(args, { LLM_SERVE_API_KEY: key });
    const address = `http://127.0.0.1:${new URL(url).port}`;
    const headers = { authorization: `Bearer ${key}` };
    expect((await fetch(`${address}/v1/models`)).status).toBe(401);
    const models = (await (await fetch(`${address}/v1/models`, { headers })).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(["tiny", "whale"]);
    const answer = await complete(address, { model: "whale", max_tokens: 1 }, { headers });
    expect(await answer.json()).toMatchObject({ model: "whale" });
  });

  test("stops on SIGTERM: running streams finish, new requests get 503, and the status is 0", async () => {
    const { url, child, ended, line } = await startServer([await longModel()]);
    const streams = await Promise.all([1, 2, 3].map(() => startStream(url, { max_tokens: LONG })));
    child.kill("SIGTERM");
    await line(({ msg }) => msg === "draining");
    const refused = await complete(url, { max_tokens: 1 });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("connection")).toBe("close");
    expect(await refused.json()).toMatchObject({ error: { message: expect.any(String), param: null } });
    expect((await fetch(`${url}/health`)).status).toBe(503);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    for (const { events } of streams) {
      const all = await events;
      expect(all.at(-1)).toBe("data: [DONE]");
      expect(all.at(-2)).toContain('"finish_reason":"length"');
    }
    expect(await ended).toBe(0);
  });

  test("ends streams that take longer than the drain timeout with an error event, and the status is 0", async () => {
    const { url, child, ended } = await startServer([await longModel(), "--drain-timeout", "0.05"]);
    const { events } = await startStream(url, { max_tokens: LONG });
    child.kill("SIGTERM");
    const all = await events;
    expect(JSON.parse(all.at(-1)?.slice("data: ".length) ?? "")).toEqual({
      error: {
        message: expect.stringContaining("shutting down"),
        type: "service_unavailable_error",
        param: null,
        code: "unavailable",
      },
    });
    expect(all).not.toContain("data: [DONE]");
    expect(await ended).toBe(0);
  });

  test("ends at once at a second signal", async () => {
    const { url, child, ended, line } = await startServer([await longModel()]);
    const { events } = await startStream(url, { max_tokens: LONG });
    child.kill("SIGTERM");
    await line(({ msg }) => msg === "draining");
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
    await expect(events).rejects.toThrow("terminated");
  });
});

describe.runIf(isBuilt)("bad usage is told in one line, with status 2", { timeout }, () => {
  const taken = "which another program listens on; choose another with --port";
  test.each<[what: string, args: string[], environment: NodeJS.ProcessEnv, message: string]>([
    [
      "no model",
      [],
      {},
      "expected a model directory, as llm-learning export writes it, got none; see llm-serve --help",
    ],
    ["an unknown flag", ["--prot", "1"], {}, "unknown option '--prot' (Did you mean --port?)"],
    ["a flag without a value", ["--port"], {}, "option '--port <n>' argument missing"],
    [
      "a wrong value",
      ["DIR"],
      { LLM_SERVE_THREADS: "0" },
      "expected LLM_SERVE_THREADS to be an integer from 1 to 1024, got 0",
    ],
    [
      "a public address without a key",
      ["DIR", "--host", "0.0.0.0"],
      {},
      "expected --api-key or --api-key-file with --host 0.0.0.0, which others can reach, got none; " +
        "without a key the server listens on 127.0.0.1 only",
    ],
    [
      "a port of others",
      ["DIR", "--port", "TAKEN"],
      {},
      `expected an address to listen on, got 127.0.0.1 port TAKEN, ${taken}`,
    ],
    [
      "a port of others, once for all workers",
      ["DIR", "--port", "TAKEN", "--workers", "2"],
      {},
      `expected an address to listen on, got 127.0.0.1 port TAKEN, ${taken}`,
    ],
  ])("%s", async (_, args, environment, message) => {
    const directory = await tinyModel();
    const port = String(await takenPort());
    const fill = (text: string): string => text.replace("DIR", directory).replace("TAKEN", port);
    const { status, stdout, stderr } = await runCli(args.map(fill), { LLM_SERVE_LOG_LEVEL: "error", ...environment });
    expect(stderr).toBe(`llm-serve: ${fill(message)}\n`);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test("a model that ONNX Runtime cannot open", async () => {
    const directory = await tinyModel();
    await writeFile(join(directory, "onnx/model.onnx"), "no model");
    const { status, stderr } = await runCli([directory, "--port", "0"]);
    expect(stderr).toMatch(/^llm-serve: expected a model that can be served, got "[^"]*model.onnx": .*\n$/);
    expect(status).toBe(2);
  });
});

/** A port that something else listens on until the end of the test. */
async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}
