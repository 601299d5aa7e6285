// Concurrent streams of completions against one server, in a process of its own: standard input has one JSON document with the task,
// standard output gets one with what the clients saw.
//
//   {"url", "model", "key", "prompts": [[id...]...], "count", "streams", "health": path or null}
//   -> {"seconds", "tokens": [[id...]...], "first": [ms...], "between": [ms...], "health": [ms...]}
//
// Each stream takes the next prompt when its last answer is complete. A stream is an ordinary request: POST /v1/completions with
// "stream": true, read as it comes. The health of the server is asked for meanwhile, by probe.mjs.

import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { Worker } from "node:worker_threads";

const task = JSON.parse(await text(process.stdin));
const { url, model, prompts, count, streams } = task;
const agent = new Agent({ keepAlive: true, maxSockets: streams + 2 });
const results = { tokens: [], first: [], between: [], health: [] };
let next = 0;
const probe = task.health
  ? new Worker(new URL("probe.mjs", import.meta.url), { workerData: new URL(task.health, url).href })
  : undefined;
probe?.on("error", (error) => {
  throw error;
});

const start = performance.now();
await Promise.all(Array.from({ length: streams }, stream));
const seconds = (performance.now() - start) / 1000;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin, unlike a window
probe?.postMessage("done");
if (probe !== undefined) [results.health] = await once(probe, "message");
process.stdout.write(JSON.stringify({ seconds, ...results }));
agent.destroy();

async function stream() {
  while (next < prompts.length) {
    const index = next++;
    results.tokens[index] = await complete(prompts[index]);
  }
}

/** One streamed completion: its tokens, with their times noted. */
async function complete(prompt) {
  const body = JSON.stringify({
    model,
    prompt,
    max_tokens: count,
    temperature: 0,
    stream: true,
    ignore_eos: true,
    return_token_ids: true,
  });
  const sent = performance.now();
  const response = await post(new URL("/v1/completions", url), body);
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${await text(response)}`);
  const tokens = [];
  let last;
  let rest = "";
  response.setEncoding("utf8");
  for await (const piece of response) {
    const now = performance.now();
    const lines = (rest + piece).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: {")) continue;
      const { choices, error } = JSON.parse(line.slice(6));
      if (error) throw new Error(error.message);
      const ids = choices[0]?.token_ids ?? [];
      for (const id of ids) {
        tokens.push(id);
        if (last === undefined) results.first.push(now - sent);
        else results.between.push(now - last);
        last = now;
      }
    }
  }
  return tokens;
}

function post(address, body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    request(address, { method: "POST", agent, headers }, resolve).on("error", reject).end(body);
  });
}
