/**
 * The table of kernels: one for every op.
 */

import { activationKernels } from "./activation.ts";
import { attentionKernels } from "./attention.ts";
import { convolutionKernels } from "./convolution.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { indexingKernels } from "./indexing.ts";
import type { KernelTable } from "./kernel.ts";
import { matmulKernels } from "./matmul.ts";
import { movementKernels } from "./movement.ts";
import { normalizationKernels } from "./normalization.ts";
import { reductionKernels } from "./reduction.ts";
import { rotaryKernels } from "./rotary.ts";
import { softmaxKernels } from "./softmax.ts";

export const kernels: KernelTable = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...movementKernels,
  ...indexingKernels,
  ...matmulKernels,
  ...convolutionKernels,
  ...softmaxKernels,
  ...normalizationKernels,
  ...activationKernels,
  ...attentionKernels,
  ...rotaryKernels,
};
