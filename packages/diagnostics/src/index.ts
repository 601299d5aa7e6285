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

// Plots
export { type SparklineOptions, sparkline } from "./plots/sparkline.ts";
