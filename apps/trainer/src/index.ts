/**
 * What the command line does, as functions: train a model, open its run, export it, measure it, let it write.
 */

// Configuration
export { type Preset, presetGroups, type PresetName, presetNames, presets } from "./config/presets.ts";
export { resolveConfig } from "./config/resolveConfig.ts";
export { checkTrainConfig, type TrainConfig, type TrainConfigKey } from "./config/trainConfig.ts";
export { UsageError } from "./usageError.ts";

// Training
export { executePlan, planTraining, train, type TrainOptions, type TrainPlan } from "./training/train.ts";
export type { BaselineOutcome, NGramBaseline } from "./evaluation/ngramBaseline.ts";
export type { SessionOptions } from "./training/startSession.ts";
export type { TrainingEvent, TrainingOutcome } from "./training/trainingEvent.ts";

// Data
export { prepareData, type PrepareDataOptions, type PreparedData, type PrepareProgress } from "./data/prepareData.ts";
export type { TokenIndex } from "./data/tokenIndex.ts";

// Runs
export { type Checkpoint, readCheckpoint, type TrainingState } from "./run/checkpoint.ts";
export { type Metrics, parseMetrics } from "./run/metrics.ts";
export { parseDiagnostics } from "./run/diagnosticsLines.ts";
export { parseSamples, type SamplesLine } from "./run/samplesLines.ts";
export { openRun, type Run } from "./run/openRun.ts";
export { type RunPaths, runPaths } from "./run/runPaths.ts";
export { type LoadedModel, loadModel } from "./model/loadModel.ts";

// Learning rate
export { findLearningRate, type LearningRateRange, type LearningRateSearch } from "./lrFind/findLearningRate.ts";
export { type RateSuggestion, suggestRate } from "./lrFind/suggestRate.ts";

// Where the time of a step goes
export { layersOf, type Place } from "./profile/layers.ts";
export { profileTraining, type ProfileOptions } from "./profile/profileTraining.ts";
export { type Kernel, readStepTrace, type StepTrace } from "./profile/stepTrace.ts";
export type { LayerRow, ProfileRow, TrainingProfile } from "./profile/trainingProfile.ts";
export { traceStep } from "./training/trainingPrograms.ts";

// Looking at a run
export type { ReportWarning } from "./report/warnings.ts";
export { writeReport, type WriteReportOptions, type WrittenReport } from "./report/writeReport.ts";

// Using a trained model
export { type ImportedRun, importModel, type ImportModelOptions } from "./import/importModel.ts";
export { type ExportedModel, type ExportFormat, exportModel, type ExportModelOptions } from "./export/exportModel.ts";
export { type GeneratedSamples, generateSamples, type GenerateSamplesOptions } from "./generation/generateSamples.ts";
export type { SampledTokenProbability, TokenProbability } from "./generation/sampleLogprobs.ts";
export type { Sample } from "./generation/sampleText.ts";
export {
  type Evaluation,
  evaluateRun,
  type EvaluateRunOptions,
  type EvaluationSplit,
  type QuantizedEvaluation,
} from "./evaluation/evaluateRun.ts";
export type { Quantization } from "./export/quantizedForms.ts";
export { diagnose, type Diagnosis, type EngineDiagnosis } from "./doctor/diagnose.ts";
