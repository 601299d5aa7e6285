/**
 * The life of the program after its settings are known: in one process, or as the primary of several, or as one of these.
 *
 * SIGTERM and SIGINT drain; a second one ends at once. SIGHUP replaces the workers one after the other.
 */

import cluster from "node:cluster";
import type { FastifyBaseLogger } from "fastify";
import { createLog } from "../log.ts";
import { workerMetrics } from "../metrics/gatheredMetrics.ts";
import { apiKeysOf } from "../settings/apiKeys.ts";
import type { Settings } from "../settings/settingsTable.ts";
import { UsageError } from "../usageError.ts";
import { announce } from "./announce.ts";
import { planServing, type ServingPlan } from "./modelPlan.ts";
import { Serving } from "./serving.ts";
import { LISTEN_VARIABLE, tellPrimary, type WorkerOrder } from "./workerMessages.ts";
import { WorkerPool } from "./workerPool.ts";

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Serves until a signal.
 *
 * @returns the exit status: 0 when drained.
 * @throws UsageError for what cannot be served, before or while models are opened.
 */
export async function runServer(settings: Settings): Promise<number> {
  const log = createLog(settings.logLevel);
  const apiKeys = await apiKeysOf(settings);
  const plan = await planServing(settings);
  if (cluster.isWorker) return runWorker({ settings, apiKeys, plan, log });
  if (settings.workers > 1) return runPrimary({ settings, plan, log });
  return runAlone({ settings, apiKeys, plan, log });
}

interface Run {
  readonly settings: Settings;
  readonly plan: ServingPlan;
  readonly log: FastifyBaseLogger;
}

async function runAlone({ settings, apiKeys, plan, log }: Run & { apiKeys: readonly string[] }): Promise<number> {
  const stop = stopSignals(() => undefined);
  const serving = await Serving.prepare({ settings, models: plan.models, apiKeys, log });
  const url = await serving.listen();
  await Promise.race([serving.load(), stop]);
  if (serving.isReady) announce({ settings, plan, log, url });
  await stop;
  await serving.drain();
  return 0;
}

async function runWorker({ settings, apiKeys, plan, log }: Run & { apiKeys: readonly string[] }): Promise<number> {
  // Ctrl-C reaches all processes of a terminal; the primary says what is to be done.
  process.on("SIGINT", () => undefined);
  const order = new Promise<WorkerOrder>((resolve) => {
    process.on("message", (message: WorkerOrder) => {
      if (message.type === "serve:drain") resolve(message);
    });
    // A worker whose primary process is gone ends at once: that is Node's.
    process.once("SIGTERM", () => resolve({ type: "serve:drain", leave: true }));
  });
  const clusterMetrics = workerMetrics(process);
  try {
    const serving = await Serving.prepare({ settings, models: plan.models, apiKeys, log, clusterMetrics });
    const isLate = process.env[LISTEN_VARIABLE] === "late";
    const listen = async (): Promise<void> => tellPrimary({ type: "serve:listening", url: await serving.listen() });
    if (!isLate) await listen();
    await Promise.race([serving.load(), order]);
    if (isLate && serving.isReady) await listen();
    if (serving.isReady) tellPrimary({ type: "serve:ready" });
    await serving.drain(await order);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // The primary says it, once for all workers.
    tellPrimary({ type: "serve:refused", message: error.message });
    return 2;
  }
}

async function runPrimary({ settings, plan, log }: Run): Promise<number> {
  const { workers, drainTimeout } = settings;
  const pool = new WorkerPool({ workers, drainTimeout, log });
  const stop = stopSignals(() => pool.kill());
  process.on("SIGHUP", () => void pool.replace());
  try {
    const url = await Promise.race([pool.start(), stop.then(() => undefined)]);
    if (url !== undefined) announce({ settings, plan, log, url });
    await stop;
    log.info({ workers }, "draining");
    await pool.stop();
    return 0;
  } catch (error) {
    pool.kill();
    throw error;
  }
}

/** Resolves at the first signal; the second one ends the process. */
function stopSignals(onSecond: () => void): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, () => {
        if (++count === 1) return resolve();
        onSecond();
        return process.exit(exitCodes[name]);
      });
    }
  });
}
