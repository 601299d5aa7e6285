/**
 * The inference graph of any language model, without a cache: tokens in, scores of the next one out.
 *
 *     inputs   input_ids  int64 [batch_size, T]
 *     outputs  logits     float [batch_size, rows, vocabSize]
 *
 * What T is, and which row holds the scores of the token after a text of n tokens, depends on the model:
 *
 *     model                                       T                rows             text                             row
 *     predicts "every"                            sequence_length  sequence_length  its last blockSize tokens        n - 1
 *     predicts "every", with staticLength         blockSize        blockSize        the same, any tokens behind it   n - 1
 *     predicts "last"                             blockSize        1                the same, the boundary before it 0
 *
 * A recurrent net is unrolled while it is traced, so its length is a number. It hears no token before its turn: what fills the
 * window behind the text changes nothing in row n - 1, which is exactly what a window of n tokens would give. A model that
 * predicts the "last" token alone sees all of its window; in front of a short text belongs what stood there in training, the
 * token at the boundary of documents. For every model the row is `min(n, rows) - 1`, where n counts the tokens fed.
 */

import { expandDims, type Graph, trace } from "@llm-learning/nn-core";
import type { LanguageModel } from "./languageModel.ts";

/**
 * Traces `model` for inference, one window at a time.
 *
 * @example
 * ```ts
 * const graph = traceNextToken(new MLP({ vocabSize: 27, blockSize: 3, nEmbd: 10, nHidden: 200 }, { rng }));
 * graph.inputs.get("input_ids")?.shape; // ["batch_size", 3]
 * graph.outputs.get("logits")?.shape; // ["batch_size", 1, 27]
 * ```
 */
export function traceNextToken(model: LanguageModel): Graph {
  const anyLength = model.predicts === "every" && model.staticLength !== true;
  const T = anyLength ? "sequence_length" : model.config.blockSize;
  return trace({ input_ids: { shape: ["batch_size", T], dtype: "int64" } }, ({ input_ids }) => {
    const { logits } = model.forward(input_ids);
    return { logits: model.predicts === "last" ? expandDims(logits, 1) : logits }; // [B, rows, V]
  });
}
