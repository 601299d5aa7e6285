/**
 * Writing with a trained model, token by token: each is drawn from what the model says of those before it.
 */

import type { Rng } from "@llm-learning/init";
import type { LanguageModel } from "@llm-learning/models";
import { compile, trace } from "@llm-learning/nn-core";
import { drawIndex, tokenProbabilities } from "@llm-learning/onnx";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";

export interface WriteOptions {
  /** The token that stands before everything: the boundary of names, a line end. */
  readonly start: number;
  /** Tokens at most. */
  readonly length: number;
  /** A token that ends the text, and does not belong to it. */
  readonly end?: number;
  readonly rng: Rng;
  /** How many texts. @defaultValue 1 */
  readonly count?: number;
}

/** The texts that `model` writes, as ids. The window is computed anew for each token: simple, and as slow as it sounds. */
export async function write(model: LanguageModel, options: WriteOptions): Promise<number[][]> {
  const { start, length, end, rng, count = 1 } = options;
  const { blockSize: T, vocabSize: V } = model.config;
  const graph = trace({ inputs: { shape: [1, T], dtype: "int32" } }, ({ inputs }) => ({
    logits: model.forward(inputs).logits, // [1, T, V], or [1, V] of the last token alone
  }));
  const program = await compile(onnxruntimeEngine({ threads: 1 }), graph);
  const texts: number[][] = [];
  while (texts.length < count) {
    const ids = [start];
    while (ids.length <= length) {
      const context = ids.slice(-T);
      // A model that scores every token does not hear what stands behind the text; one that scores the last has it at the end.
      const every = model.predicts === "every";
      const inputs = new Int32Array(T).fill(start);
      inputs.set(context, every ? 0 : T - context.length);
      const { logits } = await program.run({ inputs });
      const row = every ? context.length - 1 : 0;
      const scores = (logits.data as Float32Array).subarray(row * V, (row + 1) * V);
      const next = drawIndex(tokenProbabilities(scores), rng.uniform());
      if (next === end) break;
      ids.push(next);
    }
    texts.push(ids.slice(1));
  }
  await program.dispose();
  return texts;
}
