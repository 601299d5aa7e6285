/**
 * Starts the thread that runs a model. From TypeScript sources, which a worker of Node 20 cannot load, the model runs in this thread,
 * behind the same messages.
 */

import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { EngineModel, EngineReply, EngineRequest } from "./engineMessages.ts";
import type { EngineOptions } from "./engineOptions.ts";
import { serveEngine } from "./serveEngine.ts";

/** A thread that runs a model. */
export interface EngineThread {
  readonly model: EngineModel;
  send(request: EngineRequest): void;
  /** Resolves when the thread has ended, with the error that ended it where there was one. */
  readonly ended: Promise<Error | undefined>;
  /** Ends it at once, whatever it does. */
  terminate(): void;
}

/** Replies that come once the model is open. */
export type TaskReply = Extract<EngineReply, { type: "reports" | "stats" }>;

/**
 * Starts a thread, and waits until its model is open.
 *
 * @param onReply - Takes what the thread says then.
 * @throws What opening the model throws; Error where the thread ends meanwhile.
 */
export async function startEngineThread(
  options: EngineOptions,
  onReply: (reply: TaskReply) => void,
): Promise<EngineThread> {
  const started = import.meta.url.endsWith(".ts") ? startHere(options) : startWorker(options);
  const { port, ended, terminate } = started;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin, unlike a window
  const send = (request: EngineRequest): void => port.postMessage(request);
  const model = await new Promise<EngineModel>((resolve, reject) => {
    port.on("message", (reply: EngineReply) => {
      if (reply.type === "ready") resolve(reply.model);
      else if (reply.type === "refused") reject(reply.error as Error);
      else onReply(reply);
      // In the next turn of the loop: readers have been told by then, and other connections were listened to.
      if (reply.type === "reports") setImmediate(send, { type: "acknowledge" });
    });
    void ended.then((error) => reject(error ?? new Error("openEngine: the thread ended before its model was open")));
  });
  return { model, ended, terminate, send };
}

interface StartedThread extends Pick<EngineThread, "ended" | "terminate"> {
  readonly port: Worker | MessagePort;
}

function startWorker(workerData: EngineOptions): StartedThread {
  const worker = new Worker(new URL("./engineWorker.js", import.meta.url), { workerData });
  const ended = new Promise<Error | undefined>((resolve) => {
    worker.on("error", (error) => resolve(error as Error));
    worker.on("exit", (code) => resolve(code === 0 ? undefined : new Error(`it ended with exit code ${code}`)));
  });
  return { port: worker, ended, terminate: () => void worker.terminate() };
}

function startHere(options: EngineOptions): StartedThread {
  const { port1: port, port2 } = new MessageChannel();
  const ended = new Promise<undefined>((resolve) => void port.on("close", () => resolve(undefined)));
  void serveEngine(port2, options);
  return { port, ended, terminate: () => port.close() };
}
