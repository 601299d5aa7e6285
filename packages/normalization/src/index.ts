/**
 * Normalization layers over nn-core: LayerNorm and RMSNorm.
 */

export { LayerNorm, type LayerNormOptions } from "./layerNorm.ts";
export { RMSNorm, type RMSNormOptions } from "./rmsNorm.ts";
