/**
 * The embedding layer: a learned table of rows.
 */

import { type Initializer, normal, type Rng } from "@llm-learning/init";
import { embedding } from "../ops/embedding.ts";
import { Parameter } from "../parameter.ts";
import type { Tensor } from "../tensor.ts";

/** How the table starts. */
export interface EmbeddingOptions {
  /** Draws the initial values where an initializer is not given. */
  rng: Rng;
  /** @defaultValue standard normal, as PyTorch */
  weightInit?: Initializer;
}

/** A table of `numEmbeddings` rows, looked up by index. */
export class Embedding {
  /** `[numEmbeddings, embeddingDim]` */
  readonly weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions) {
    const { rng } = options;
    const weightInit: Initializer = options.weightInit ?? ((data) => normal(data, { rng }));
    this.weight = new Parameter([numEmbeddings, embeddingDim], { init: weightInit });
  }

  /**
   * @param indices - int32 or int64, any shape, each in `[0, numEmbeddings)`.
   * @returns `[...indices.shape, embeddingDim]`
   */
  forward(indices: Tensor): Tensor {
    return embedding(this.weight, indices);
  }
}
