/**
 * Normalization layers over nn-core, channels last; calibration and folding of what they learned.
 */

// Layers
export { BatchNorm, type BatchNormOptions } from "./batchNorm.ts";
export { GroupNorm, type GroupNormOptions } from "./groupNorm.ts";
export { InstanceNorm, type InstanceNormOptions } from "./instanceNorm.ts";
export { LayerNorm, type LayerNormOptions } from "./layerNorm.ts";
export { RMSNorm, type RMSNormOptions } from "./rmsNorm.ts";
export { RunningStatistics } from "./runningStatistics.ts";

// After training
export { calibrate, type CalibrationBatch } from "./calibrate.ts";
export { foldBatchNorm, type FoldableLayer } from "./foldBatchNorm.ts";
