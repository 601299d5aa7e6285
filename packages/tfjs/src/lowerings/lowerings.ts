/**
 * The table: a lowering to TensorFlow.js for every op. The compiler complains when one is missing.
 */

import { activations } from "./activations.ts";
import { attention } from "./attention.ts";
import { convolution } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { linearAlgebra } from "./linearAlgebra.ts";
import type { Lowerings } from "./lowering.ts";
import { normalization } from "./normalization.ts";
import { reductions } from "./reductions.ts";
import { rotary } from "./rotary.ts";
import { shapeOps } from "./shapeOps.ts";

export const lowerings: Lowerings = {
  ...elementwise,
  ...reductions,
  ...shapeOps,
  ...indexing,
  ...linearAlgebra,
  ...convolution,
  ...normalization,
  ...activations,
  ...attention,
  ...rotary,
};
