export { LayerNorm, type LayerNormOptions } from "./layerNorm.ts";
export { RMSNorm, type RMSNormOptions } from "./rmsNorm.ts";
