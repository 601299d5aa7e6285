/**
 * A server of exported language models, as functions: open a model, serve it, stop. `llm-serve` is the command line over them.
 */

export type {
  Choice,
  EmbeddingTask,
  EndEvent,
  Engine,
  EngineStats,
  GenerationEvent,
  GenerationTask,
  PromptEvent,
  ScoredToken,
  TaskOrigin,
  TextConstraint,
  TokenEvent,
} from "./engine/engine.ts";
export { EngineError, type EngineErrorCode } from "./engine/engineError.ts";

// Inference
export type { EngineModel } from "./scheduler/engineMessages.ts";
export type { EngineOptions, OpenEngineOptions } from "./scheduler/engineOptions.ts";
export { type ModelMemory, modelMemory } from "./scheduler/modelMemory.ts";
export { openEngine } from "./scheduler/openEngine.ts";
export { type MemoryShare, type MemoryWish, planMemory } from "./scheduler/planMemory.ts";
export type { ThreadEngine } from "./scheduler/threadEngine.ts";
export type { AttentionReader, AttentionTask, AttentionWeights } from "./attention/attention.ts";

// What is told of it
export { createLog, type LogLevel } from "./log.ts";
export {
  type ClusterMetrics,
  MetricsGatherer,
  type MetricsSnapshot,
  type ProcessChannel,
  workerMetrics,
} from "./metrics/gatheredMetrics.ts";

// HTTP
export { type AppContext, type AppSettings, defaultSettings } from "./http/appContext.ts";
export { type App, buildApp } from "./http/buildApp.ts";

// Models
export type { ChatTemplateSource } from "./chat/chatTemplateSource.ts";
export { TemplateThread } from "./chat/templateThread.ts";
export { type ModelDirectory, modelName, readModelDirectory } from "./model/modelDirectory.ts";
export type { ChatMessage, ChatTemplate, ServedModel } from "./model/servedModel.ts";
export { tokenizerOf, type TokenizerSource } from "./model/tokenizerOf.ts";
export type { WeightChoice, Weights } from "./model/weights.ts";
export { UsageError } from "./usageError.ts";
