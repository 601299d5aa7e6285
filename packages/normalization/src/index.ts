/**
 * Normalization layers over nn-core, channels last.
 */

export { BatchNorm, type BatchNormOptions } from "./batchNorm.ts";
export { LayerNorm, type LayerNormOptions } from "./layerNorm.ts";
export { RMSNorm, type RMSNormOptions } from "./rmsNorm.ts";
export { RunningStatistics } from "./runningStatistics.ts";
