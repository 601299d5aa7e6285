// The command lines from the registry: what their READMEs begin with, and a small model by way of npx.
//
// ONNX Runtime is 290 MB on disk, so that one project is used for all of it, and training as the README begins takes minutes.
// LLM_LEARNING_WHOLE=1 trains to the end, and fetches the apps by npx into empty folders, too.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { root } from "../../scripts/paths.mjs";
import { emptyProject, type EmptyProject } from "./emptyProject.ts";
import { firstResult } from "./firstResult.ts";
import { freePort } from "./freePort.ts";

const isWhole = process.env["LLM_LEARNING_WHOLE"] === "1";
const small = "--n-layer 1 --n-head 2 --n-embd 16 --block-size 16 --batch-size 4 --max-steps 10";
const train = `npx -y @llm-learning/trainer train --data book.txt ${small} --out small --json`;
const sample = "sample --run small --prompt To --max-tokens 8 --seed 1 --json";
const book = "To be, or not to be, that is the question.\n".repeat(100);
const minute = 60_000;

const serverFile = "apps/server/README.md";
const file = "apps/trainer/README.md";
const { install, commands } = firstResult(readFileSync(join(root, file), "utf8"), file);
let project: EmptyProject;

beforeAll(async () => {
  project = emptyProject("apps");
  await project.run(install);
});

test("the README of the trainer trains a model and samples from it", { timeout: 20 * minute }, async () => {
  expect(commands).toHaveLength(2);
  for (const line of commands) {
    const isShortened = !isWhole && /^npx llm-learning train\b/.test(line);
    await project.run(isShortened ? `${line} --max-steps 20` : line, { timeout: 20 * minute });
  }
  expect(existsSync(join(project.folder, "runs", "quickstart", "model", "onnx", "model.onnx"))).toBe(true);
});

test("npx @llm-learning/trainer trains, exports and samples", async () => {
  await expectSmallModel(project);
});

test("a model samples the same text under both Nodes", async () => {
  const cli = "node node_modules/@llm-learning/trainer/dist/cli.js";
  const [first, second] = [
    await project.run(`${cli} ${sample}`, { node: "20" }),
    await project.run(`${cli} ${sample}`, { node: "24" }),
  ];
  expect(textOf(first)).toMatch(/./);
  expect(textOf(second)).toBe(textOf(first));
});

test("the server is there by its command's name and by its package's", async () => {
  await project.run("npm install @llm-learning/server");
  for (const name of ["llm-serve", "-y @llm-learning/server"]) {
    expect(await project.run(`npx ${name} --help`)).toMatch(/^Usage: llm-serve/);
  }
});

test("the README of the server serves the model that the trainer trained", async () => {
  const readme = readFileSync(join(root, serverFile), "utf8");
  const [training, serve = ""] = firstResult(readme, serverFile).commands;
  expect(training).toBe(commands[0]);
  const [, body = ""] = /^curl localhost:8000\/v1\/completions .*-d '(.+)'$/m.exec(readme) ?? [];

  // Port 8000 may be taken here.
  const port = String(await freePort());
  const server = project.start(serve, { LLM_SERVE_PORT: port });
  try {
    const url = `http://127.0.0.1:${port}`;
    await vi.waitUntil(async () => server.hasEnded() || (await fetch(`${url}/health`).catch(() => undefined))?.ok, {
      timeout: 2 * minute,
      interval: 200,
    });
    expect(server.hasEnded(), server.output()).toBe(false);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/completions`, { method: "POST", headers, body });
    const completion = await answer.json();
    expect(answer.status, JSON.stringify(completion)).toBe(200);
    expect(completion).toMatchObject({ object: "text_completion", choices: [{ text: expect.stringMatching(/./) }] });
  } finally {
    await server.stop();
  }
});

test.runIf(isWhole)("npx fetches the trainer into an empty folder", async () => {
  await expectSmallModel(emptyProject("npx-trainer"));
});

test.runIf(isWhole)("npx fetches the server into an empty folder", async () => {
  expect(await emptyProject("npx-server").run("npx -y @llm-learning/server --help")).toMatch(/^Usage: llm-serve/);
});

async function expectSmallModel({ folder, write, run }: EmptyProject): Promise<void> {
  write("book.txt", book);
  expect(JSON.parse(await run(train))).toBeTypeOf("object");
  expect(existsSync(join(folder, "small", "model", "onnx", "model.onnx"))).toBe(true);
  expect(textOf(await run(`npx -y @llm-learning/trainer ${sample}`))).toMatch(/./);
}

function textOf(sampled: string): string {
  return JSON.parse(sampled).samples[0].text;
}
