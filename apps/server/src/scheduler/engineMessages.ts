/**
 * What an engine's two sides say to each other: requests go to the thread that runs the model, replies come back.
 */

import type { EmbeddingTask, EngineStats, GenerationTask } from "../engine/engine.ts";
import type { TaskReport } from "./taskReport.ts";

export type EngineRequest =
  | { readonly type: "generate"; readonly id: number; readonly task: GenerationTask }
  | { readonly type: "embed"; readonly id: number; readonly task: EmbeddingTask }
  | { readonly type: "cancel"; readonly id: number }
  /** Reports have been taken, and others were listened to since. */
  | { readonly type: "acknowledge" }
  | { readonly type: "close" };

export type EngineReply =
  | { readonly type: "ready"; readonly model: EngineModel }
  /** The model could not be opened. */
  | { readonly type: "refused"; readonly error: unknown }
  | { readonly type: "reports"; readonly reports: readonly TaskReport[]; readonly stats: EngineStats }
  | { readonly type: "stats"; readonly stats: EngineStats };

/** What is known of a model once it is open. */
export interface EngineModel {
  readonly blockSize: number;
  readonly vocabSize: number;
  readonly embeddingSize: number | undefined;
  readonly slots: number;
  /** Whether its slots run in one batch, or one after the other. */
  readonly mode: "batched" | "sequential";
  /** Why they run one after the other. */
  readonly reason: string | undefined;
  /** Bytes of cache for each slot. */
  readonly bytesPerSlot: number;
}
