/**
 * The metrics of several processes that serve one port: whichever of them is asked answers for all.
 *
 * The process that is asked asks the primary one, which asks all and adds up. What a process that ended had counted when it was last
 * asked stays in the sums: a counter that fell would look like a restart, and all of it like an increase.
 */

import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from "prom-client";

/** Metrics as data that can cross processes. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** The end of a channel between processes: `process` in a worker, a `Worker` of `node:cluster` in the primary process. */
export interface ProcessChannel {
  send?(message: object): unknown;
  on(event: "message", listener: (message: unknown) => void): unknown;
}

/** What the app of a worker needs to answer for all. */
export interface ClusterMetrics {
  /** Tells where the metrics of this process are. */
  share(snapshot: () => Promise<MetricsSnapshot>): void;
  /** The metrics of all processes in Prometheus's text format. */
  text(): Promise<string>;
}

type Message =
  | { readonly type: "metrics:ask"; readonly id: number }
  | { readonly type: "metrics:collect"; readonly id: number }
  | { readonly type: "metrics:collected"; readonly id: number; readonly snapshot: MetricsSnapshot }
  | { readonly type: "metrics:text"; readonly id: number; readonly text: string };

/** How long a process may take to tell its metrics, in milliseconds; without them the last ones that it told count. */
const PATIENCE = 2000;

/** The metrics of a worker of the primary process at the other end of `channel`. */
export function workerMetrics(channel: ProcessChannel): ClusterMetrics {
  const waiting = new Map<number, (text: string) => void>();
  let snapshot = async (): Promise<MetricsSnapshot> => [];
  let lastId = 0;
  channel.on("message", (received) => {
    const message = received as Message;
    if (message.type === "metrics:collect") {
      void snapshot().then((metrics) =>
        post(channel, { type: "metrics:collected", id: message.id, snapshot: metrics }),
      );
    } else if (message.type === "metrics:text") {
      waiting.get(message.id)?.(message.text);
      waiting.delete(message.id);
    }
  });
  return {
    share: (source) => {
      snapshot = source;
    },
    text: () =>
      new Promise((resolve) => {
        const id = ++lastId;
        waiting.set(id, resolve);
        post(channel, { type: "metrics:ask", id });
      }),
  };
}

/** The primary process's part: `add` workers when they begin, `remove` them when they ended. */
export class MetricsGatherer {
  /** What each worker told last. */
  readonly #snapshots = new Map<ProcessChannel, MetricsSnapshot>();
  readonly #waiting = new Map<number, (channel: ProcessChannel) => void>();
  #ended: MetricsSnapshot = [];
  #lastId = 0;

  add(channel: ProcessChannel): void {
    this.#snapshots.set(channel, []);
    channel.on("message", (received) => {
      const message = received as Message;
      if (message.type === "metrics:ask") {
        void this.text().then((text) => post(channel, { type: "metrics:text", id: message.id, text }));
      } else if (message.type === "metrics:collected" && this.#snapshots.has(channel)) {
        this.#snapshots.set(channel, message.snapshot);
        this.#waiting.get(message.id)?.(channel);
      }
    });
  }

  async remove(channel: ProcessChannel): Promise<void> {
    const last = this.#snapshots.get(channel) ?? [];
    this.#snapshots.delete(channel);
    for (const arrived of this.#waiting.values()) arrived(channel);
    const counted = last.filter(({ type, name }) => isCount(String(type)) && !isOfProcess(name));
    this.#ended = await summed([this.#ended, counted]).getMetricsAsJSON();
  }

  /** The metrics of all workers, and the counts of those that ended. */
  async text(): Promise<string> {
    await this.#collect();
    return summed([this.#ended, ...this.#snapshots.values()]).metrics();
  }

  #collect(): Promise<void> {
    const id = ++this.#lastId;
    const missing = new Set(this.#snapshots.keys());
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE);
      this.#waiting.set(id, (channel) => {
        missing.delete(channel);
        if (missing.size === 0) done();
      });
      for (const channel of missing) post(channel, { type: "metrics:collect", id });
      if (missing.size === 0) done();
    });
  }
}

function summed(snapshots: readonly MetricsSnapshot[]) {
  return AggregatorRegistry.aggregate(snapshots.filter(({ length }) => length > 0).map((metrics) => [...metrics]));
}

/** Of a process that ended, what it counted still happened; what it held is gone. */
function isCount(type: string): boolean {
  return type === "counter" || type === "histogram";
}

function isOfProcess(name: string): boolean {
  return name.startsWith("process_") || name.startsWith("nodejs_");
}

/** A process that just ended is told nothing: its removal follows. */
function post(channel: ProcessChannel, message: Message): void {
  try {
    channel.send?.(message);
  } catch {
    return;
  }
}
