/**
 * Looking inside a network while it learns: statistics, warnings in words, plots as SVG, sparklines, event files.
 */

// Statistics
export { type CollectOptions, type Collection, collect } from "./statistics/collect.ts";
export { histogram } from "./statistics/histogram.ts";
export { quantiles } from "./statistics/quantiles.ts";
export type {
  AttentionStatistics,
  Histogram,
  Quantiles,
  StatisticsRecord,
  TensorStatistics,
} from "./statistics/record.ts";
export { summarize } from "./statistics/summarize.ts";
export { copyMatrices, updateToData, withUpdates } from "./statistics/updates.ts";

// Warnings
export { diagnose } from "./warnings/diagnose.ts";
export { type BadTensor, describeBad, firstBad } from "./warnings/firstBad.ts";
export type { LossRecord, RunHistory, RunWarning, StatisticsLine, WarningCode } from "./warnings/warning.ts";

// Plots
export type { PlotOptions } from "./plots/drawing/figure.ts";
export { type ColorScheme, plotTheme } from "./plots/drawing/styleSheet.ts";
export type { Selection } from "./plots/selection.ts";
export type { Curve } from "./plots/curve.ts";
export { type LossCurveData, type LossCurveOptions, lossCurve } from "./plots/lossCurve.ts";
export { type UpdateRatioCurve, type UpdateRatioOptions, updateRatio } from "./plots/updateRatio.ts";
export { type GradientNormOptions, gradientNormCurve } from "./plots/gradientNormCurve.ts";
export { type StepCurveOptions, stepCurve } from "./plots/stepCurve.ts";
export { learningRateSchedule } from "./plots/learningRateSchedule.ts";
export { type LearningRateSweep, learningRateFinder } from "./plots/learningRateFinder.ts";
export type { HistogramData } from "./plots/histogramData.ts";
export { type ActivationSummary, activationDistribution } from "./plots/activationDistribution.ts";
export { type GradientSummary, gradientDistribution } from "./plots/gradientDistribution.ts";
export { type WeightGradientSummary, weightGradientDistribution } from "./plots/weightGradientDistribution.ts";
export { activationSummaries, gradientSummaries, weightGradientSummaries } from "./plots/ofRecords.ts";
export { type DeadNeuronData, type DeadNeuronOptions, deadNeuronMatrix } from "./plots/deadNeuronMatrix.ts";
export { type HistogramsOverTimeData, histogramsOverTime } from "./plots/histogramsOverTime.ts";
export { type BigramCounts, bigramHeatmap } from "./plots/bigramHeatmap.ts";
export { type EmbeddingData, type EmbeddingScatterOptions, embeddingScatter } from "./plots/embeddingScatter.ts";
export { type AttentionMapData, attentionMap } from "./plots/attentionMap.ts";
export { type AttentionGraphData, type AttentionGraphOptions, attentionGraph } from "./plots/attentionGraph.ts";
export { type TokenLossData, type TokenLossOptions, tokenLoss } from "./plots/tokenLoss.ts";
export { type PredictionData, type ReliabilityOptions, reliabilityDiagram } from "./plots/reliabilityDiagram.ts";
export { type SparklineOptions, sparkline } from "./plots/sparkline.ts";

// Event files of TensorBoard
export {
  encodeEvents,
  eventFileHeader,
  type HistogramValue,
  type ScalarValue,
  type TensorBoardEvent,
  type TextValue,
} from "./events/encodeEvents.ts";
export { eventFileName } from "./events/eventFileName.ts";
