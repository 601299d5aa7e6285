/**
 * What a reader of another form makes of a model directory.
 */

import type { Safetensors, StateDict } from "@llm-learning/nn-core";
import type { TrainConfig } from "../config/trainConfig.ts";

/** What a model of another form is, as far as its `config.json` tells. */
export interface ImportedModel {
  /** The keys of a configuration that the model decides. */
  readonly config: Partial<TrainConfig> & Required<Pick<TrainConfig, "blockSize" | "nLayer">>;
  /** Rows of the embedding. */
  readonly vocabSize: number;
  /** What the user should know of how it was read, a sentence each. */
  readonly notes?: readonly string[];
  /**
   * The weights under our names.
   *
   * @param blockSize - Positions that are taken over, the first ones: at most those of `config`.
   */
  weights(file: Safetensors, blockSize: number): StateDict;
}
