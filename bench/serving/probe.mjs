// Asks for the health of a server every 20 ms, in a thread of its own, so that what is measured is not how busy the load's own loop is.
// `workerData` is the address; it ends at a message, with the milliseconds of all answers.

import { Agent, request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

const address = new URL(workerData);
const agent = new Agent({ keepAlive: true });
const times = [];
const done = new AbortController();
parentPort.once("message", () => done.abort());
while (!done.signal.aborted) {
  const sent = performance.now();
  const status = await ask();
  if (status !== 200) throw new Error(`expected 200 from ${address.pathname}, got ${status}`);
  times.push(performance.now() - sent);
  await setTimeout(20);
}
agent.destroy();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin, unlike a window
parentPort.postMessage(times);

function ask() {
  return new Promise((resolve, reject) => {
    request(address, { agent }, (response) => response.resume().on("end", () => resolve(response.statusCode)))
      .on("error", reject)
      .end();
  });
}
