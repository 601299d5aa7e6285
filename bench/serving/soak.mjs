// Ten minutes of everything at once against one server: completions and conversations, streamed and whole, short and long, a third of
// them cancelled midway, malformed ones among them. Afterwards: no status that was not deserved, memory flat, no slot held, and
// metrics that add up to what the clients saw.
//
//   node bench/serving/soak.mjs --model MODEL_DIR [--weights q4] [--minutes 10] [--clients 24] [--seed 1]

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Rng } from "@llm-learning/init";
import { median } from "../tokenizers/interleaved.mjs";
import { cli, startServer } from "./startServer.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    weights: { type: "string", default: "q4" },
    minutes: { type: "string", default: "10" },
    clients: { type: "string", default: "24" },
    seed: { type: "string", default: "1" },
  },
});
if (values.model === undefined) {
  console.error("soak: expected --model MODEL_DIR, got none");
  process.exit(2);
}
const server = await startServer([
  cli,
  values.model,
  "--port=0",
  `--weights=${values.weights}`,
  "--max-batch=8",
  "--max-queue=64",
]);
const base = server.url;
const { data: models } = await (await fetch(`${base}/v1/models`)).json();
/** Prompt and answer share the context; an answer that is to be cancelled may be as long as it can. */
const third = Math.min(100, Math.floor(models[0].max_model_len / 3));
const milliseconds = Number(values.minutes) * 60_000;
const start = performance.now();
const seen = {
  complete: 0,
  cancelled: 0,
  early: 0,
  malformed: 0,
  promptTokens: 0,
  tokens: 0,
  partTokens: 0,
  undeserved: [],
};
const memory = [];
const watching = watchMemory();
await Promise.all(
  Array.from({ length: Number(values.clients) }, (_, index) => client(new Rng(Number(values.seed)).fork(index))),
);
await watching;
// What was cancelled last is noticed at the next step.
await setTimeout(1000);
const metrics = await readMetrics();
const status = await server.stop();
report();

async function client(rng) {
  while (performance.now() - start < milliseconds) {
    const kind = rng.uniform();
    try {
      if (kind < 1 / 3) await cancelled(rng);
      else if (kind < 0.4) await malformed(rng);
      else await complete(rng);
    } catch (error) {
      seen.undeserved.push(String(error));
    }
  }
}

function task(rng) {
  const prompt = Array.from(
    { length: 1 + rng.integer(third >> 1) },
    () => "lorem ipsum dolor sit amet "[rng.integer(27)],
  ).join("");
  const shared = {
    max_tokens: 1 + rng.integer(third),
    temperature: rng.uniform() < 0.5 ? 0 : 1,
    seed: rng.integer(1000),
    ...(rng.uniform() < 0.2 && { stop: ["e"] }),
    ...(rng.uniform() < 0.2 && { n: 2 }),
  };
  return rng.uniform() < 0.5
    ? ["/v1/completions", { ...shared, prompt, ...(rng.uniform() < 0.2 && { logprobs: 2 }) }]
    : ["/v1/chat/completions", { ...shared, messages: [{ role: "user", content: prompt }] }];
}

function ask(path, body, signal) {
  const headers = { "content-type": "application/json" };
  return fetch(base + path, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal,
  });
}

async function complete(rng) {
  const [path, body] = task(rng);
  const isStream = rng.uniform() < 0.5;
  const response = await ask(
    path,
    isStream ? { ...body, stream: true, stream_options: { include_usage: true } } : body,
  );
  // A full queue says so, and the client comes back.
  if (response.status === 429) return void (await setTimeout(200, await response.text()));
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${answer.slice(0, 300)}`);
  const documents = isStream ? events(answer) : [JSON.parse(answer)];
  if (isStream && !answer.trimEnd().endsWith("data: [DONE]"))
    throw new Error(`a stream without its end: ${answer.slice(-200)}`);
  const { usage } = documents.at(-1);
  const finished = documents.flatMap(({ choices }) => choices).filter(({ finish_reason: reason }) => reason);
  if (finished.length !== (body.n ?? 1))
    throw new Error(`expected ${body.n ?? 1} complete answers, got ${finished.length}`);
  seen.complete += finished.length;
  seen.promptTokens += usage.prompt_tokens;
  seen.tokens += usage.completion_tokens;
}

async function cancelled(rng) {
  const [path, { n: _, ...body }] = task(rng);
  const abort = new AbortController();
  const after = rng.integer(4);
  let count = 0;
  try {
    const response = await ask(
      path,
      {
        ...body,
        max_tokens: third,
        min_tokens: third,
        ignore_eos: true,
        stop: [],
        stream: true,
        return_token_ids: true,
      },
      abort.signal,
    );
    if (response.status === 429) return void (await setTimeout(200, await response.text()));
    if (response.status !== 200) throw new Error(`${response.status} ${(await response.text()).slice(0, 300)}`);
    for await (const chunk of response.body) {
      count += Buffer.from(chunk).toString().split('"token_ids":[').length - 1;
      if (count > after) break;
    }
    if (count > after) {
      seen.cancelled++;
      abort.abort();
    } else seen.early++;
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    seen.cancelled++;
  }
  seen.partTokens += count;
}

async function malformed(rng) {
  const [path, body] = task(rng);
  const broken = [
    JSON.stringify(body).slice(1 + rng.integer(20)),
    { ...body, temperature: "hot" },
    { ...body, max_tokens: -1 },
    { ...body, model: "no such model" },
    { ...body, logit_bias: { 99999999: 1 } },
    { ...body, stop: Array.from({ length: 1000 }, () => "x") },
    { ...body, messages: "hi", prompt: { a: 1 } },
  ][rng.integer(7)];
  const response = await ask(path, broken);
  const { error } = await response.json();
  if (![400, 404, 413].includes(response.status) || typeof error?.message !== "string") {
    throw new Error(`expected a refusal, got ${response.status} for ${JSON.stringify(broken).slice(0, 300)}`);
  }
  seen.malformed++;
}

function events(text) {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
}

/** Resident memory of the server every second, in MB, from the first quarter on. */
async function watchMemory() {
  while (performance.now() - start < milliseconds) {
    await setTimeout(1000);
    const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
    memory.push(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
  }
}

async function readMetrics() {
  const text = await (await fetch(`${base}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith("vllm:"));
  const sum = (name, label = "") =>
    lines
      .filter((line) => line.replace(/\{.*/, "") === name && line.includes(label))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  return {
    running: sum("vllm:num_requests_running"),
    waiting: sum("vllm:num_requests_waiting"),
    promptTokens: sum("vllm:prompt_tokens_total"),
    tokens: sum("vllm:generation_tokens_total"),
    finished:
      sum("vllm:request_success_total", 'finished_reason="stop"') +
      sum("vllm:request_success_total", 'finished_reason="length"'),
    aborted: sum("vllm:request_success_total", 'finished_reason="abort"'),
  };
}

function report() {
  const quarter = memory.length >> 2;
  const early = median(memory.slice(quarter, 2 * quarter));
  const late = median(memory.slice(3 * quarter));
  console.log({ ...seen, undeserved: seen.undeserved.slice(0, 10) });
  console.log(metrics);
  const checks = {
    "no error that was not deserved": seen.undeserved.length === 0,
    [`memory flat within 5 %: ${early.toFixed(0)} MB in the second quarter, ${late.toFixed(0)} MB in the last`]:
      late < 1.05 * early,
    "no task runs or waits": metrics.running === 0 && metrics.waiting === 0,
    "answers add up": metrics.finished + metrics.aborted === seen.complete + seen.early + seen.cancelled,
    "answers that nobody cancelled were finished": metrics.finished >= seen.complete + seen.early,
    // Of those that were cancelled, the server knows of tokens that were still on their way.
    "tokens add up":
      metrics.tokens >= seen.tokens + seen.partTokens &&
      metrics.tokens <= seen.tokens + seen.partTokens + 40 * seen.cancelled,
    "exit status 0": status === 0,
  };
  for (const [name, holds] of Object.entries(checks)) console.log(`${holds ? "ok  " : "FAIL"} ${name}`);
  process.exitCode = Object.values(checks).every(Boolean) ? 0 : 1;
}
