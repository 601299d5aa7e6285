import { MetricsGatherer, type ProcessChannel, workerMetrics } from "@llm-learning/server";
import { EventEmitter } from "node:events";
import { Counter, Gauge, Registry } from "prom-client";
import { expect, test } from "vitest";

/** The two ends of a channel, whose messages cross as JSON, as between processes. */
function channel(): { worker: ProcessChannel; primary: ProcessChannel } {
  const [a, b] = [new EventEmitter(), new EventEmitter()];
  const sending = (other: EventEmitter) => (message: object) => {
    queueMicrotask(() => other.emit("message", JSON.parse(JSON.stringify(message))));
  };
  return { worker: Object.assign(a, { send: sending(b) }), primary: Object.assign(b, { send: sending(a) }) };
}

function process(gatherer: MetricsGatherer, { count, memory }: { count: number; memory: number }) {
  const registry = new Registry();
  const counter = new Counter({ name: "requests_total", help: "Requests.", registers: [registry] });
  const gauge = new Gauge({ name: "running", help: "Running.", registers: [registry] });
  counter.inc(count);
  gauge.set(memory);
  const { worker, primary } = channel();
  const metrics = workerMetrics(worker);
  metrics.share(() => registry.getMetricsAsJSON());
  gatherer.add(primary);
  return { metrics, counter, primary };
}

test("whichever process is asked answers for all of them", async () => {
  const gatherer = new MetricsGatherer();
  const first = process(gatherer, { count: 2, memory: 10 });
  const second = process(gatherer, { count: 3, memory: 20 });
  for (const { metrics } of [first, second]) {
    const text = await metrics.text();
    expect(text).toContain("requests_total 5\n");
    expect(text).toContain("running 30\n");
  }
});

test("what a process counted stays when it ends, what it held does not", async () => {
  const gatherer = new MetricsGatherer();
  const first = process(gatherer, { count: 2, memory: 10 });
  const second = process(gatherer, { count: 3, memory: 20 });
  const third = process(gatherer, { count: 4, memory: 40 });
  await gatherer.text();
  await gatherer.remove(first.primary);
  await gatherer.remove(third.primary);
  second.counter.inc();
  const text = await gatherer.text();
  expect(text).toContain("requests_total 10\n");
  expect(text).toContain("running 20\n");
});

test("without processes there is nothing to tell", async () => {
  expect((await new MetricsGatherer().text()).trim()).toBe("");
});

test("a process that ends while it is asked is not waited for", async () => {
  const gatherer = new MetricsGatherer();
  const first = process(gatherer, { count: 2, memory: 10 });
  const mute: ProcessChannel = { send: () => undefined, on: () => undefined };
  gatherer.add(mute);
  const text = gatherer.text();
  const removed = gatherer.remove(mute);
  expect(await text).toContain("requests_total 2\n");
  await removed;
  expect(await first.metrics.text()).toContain("requests_total 2\n");
});
