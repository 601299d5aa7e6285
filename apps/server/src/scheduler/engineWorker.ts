/**
 * A worker thread's entry: runs one model.
 */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { EngineOptions } from "./engineOptions.ts";
import { serveEngine } from "./serveEngine.ts";

await serveEngine(parentPort as MessagePort, workerData as EngineOptions);
