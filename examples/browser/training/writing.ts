/**
 * Writing with a model, character by character: each is drawn from what the model says of those before it.
 */

import { Rng } from "@llm-learning/init";
import type { GPT } from "@llm-learning/models";
import { compile, type Engine, type Program, trace } from "@llm-learning/nn-core";
import { sampleToken } from "@llm-learning/onnx";
import type { CharacterTokenizer } from "@llm-learning/tokenizers";

const TEMPERATURE = 0.8;

/** Writes with whatever the weights are at the moment. */
export class Writing {
  readonly #model: GPT;
  readonly #tokenizer: CharacterTokenizer;
  readonly #program: Program;

  private constructor(model: GPT, tokenizer: CharacterTokenizer, program: Program) {
    this.#model = model;
    this.#tokenizer = tokenizer;
    this.#program = program;
  }

  static async prepare({ model, tokenizer }: Written, engine: Engine): Promise<Writing> {
    const shape = [1, model.config.blockSize];
    const graph = trace({ inputs: { shape, dtype: "int32" } }, ({ inputs }) => ({
      logits: model.forward(inputs).logits, // [1, T, V]
    }));
    return new Writing(model, tokenizer, await compile(engine, graph));
  }

  /** `length` characters, one after the other, as after a line end. The window is computed anew for each: simple, and as slow as it sounds. */
  async *write(length: number, seed: number): AsyncGenerator<string, void, void> {
    const { blockSize: T, vocabSize: V } = this.#model.config;
    const rng = new Rng(seed).fork("sample");
    const ids = [this.#tokenizer.tokenToId("\n") ?? 0];
    while (ids.length <= length) {
      const context = ids.slice(-T);
      // The model does not hear what stands behind the text.
      const inputs = new Int32Array(T);
      inputs.set(context);
      const { logits } = await this.#program.run({ inputs });
      const scores = (logits.data as Float32Array).subarray((context.length - 1) * V, context.length * V);
      const next = sampleToken(scores, { temperature: TEMPERATURE }, rng);
      ids.push(next);
      yield this.#tokenizer.decode([next]);
    }
  }
}

interface Written {
  readonly model: GPT;
  readonly tokenizer: CharacterTokenizer;
}
