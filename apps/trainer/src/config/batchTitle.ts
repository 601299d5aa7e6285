/**
 * What a step of a configuration takes, in words.
 */

import { modelKinds } from "../model/modelKinds.ts";
import type { TrainConfig } from "./trainConfig.ts";

/** `12 x 64 tokens`, `4 x 12 lines`, `all lines`. */
export function batchTitle({ batchSize, blockSize, lines, model, gradientAccumulation }: TrainConfig): string {
  if (batchSize === 0) return "all lines";
  const times = gradientAccumulation === 1 ? "" : `${gradientAccumulation} x `;
  if (modelKinds[model].predicts === "last") return `${times}${batchSize} tokens, each after ${blockSize} others`;
  return lines ? `${times}${batchSize} lines` : `${times}${batchSize} x ${blockSize} tokens`;
}
