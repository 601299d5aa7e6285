/**
 * Seeded random numbers whose state can be saved, weight initialization on Float32Array, and a check of how a network starts.
 */

export { Rng, type ShuffleArray } from "./rng.ts";
export type { RngState } from "./rngState.ts";
export { fillBernoulliMask } from "./fillBernoulliMask.ts";

export { fans, type Fans, type FansOptions, type WeightLayout } from "./fans.ts";
export { calculateGain, type Nonlinearity } from "./calculateGain.ts";

export type { Initializer } from "./initializer.ts";
export { constant, ones, zeros } from "./constant.ts";
export { uniform, type UniformOptions } from "./uniform.ts";
export { normal, type NormalOptions } from "./normal.ts";
export { xavierNormal, xavierUniform, type XavierOptions } from "./xavier.ts";
export { kaimingNormal, kaimingUniform, type KaimingOptions } from "./kaiming.ts";
export { truncNormal, type TruncNormalOptions } from "./truncNormal.ts";
export { orthogonal, type OrthogonalOptions } from "./orthogonal.ts";
export { sparse, type SparseOptions } from "./sparse.ts";
export { eye } from "./eye.ts";
export { dirac, type DiracOptions } from "./dirac.ts";

export type { WeightRole } from "./weightRole.ts";
export { gpt2Normal, type GPT2NormalOptions } from "./gpt2.ts";
export { zeroProjection, type ZeroProjectionOptions } from "./zeroProjection.ts";
export {
  mupLearningRate,
  type MupLearningRateOptions,
  mupNormal,
  type MupNormalOptions,
  type MupWeight,
} from "./mup.ts";
export { spectralNormal, type SpectralNormalOptions } from "./spectral.ts";

export { expectedInitialLoss } from "./expectedInitialLoss.ts";
export { checkInitialization, type CheckInitializationOptions } from "./checkInitialization.ts";
export { describeFinding, type InitializationFinding, type InitializationProblem } from "./initializationFinding.ts";
export type { LayerKind, LayerStatistics } from "./layerStatistics.ts";
