/**
 * Training of tokenizers.
 */

export type { BpeTrainingOptions, BpeTrainingProgress } from "./bpeTrainingOptions.ts";
export type { TrainingSignal } from "./pace.ts";
export { trainBpe } from "./trainBpe.ts";
