/**
 * Runs `onnx/model_attentions.onnx`, which `llm-learning export --attentions` writes: `input_ids` `[1, T]` in, `attentions.N`
 * `[1, heads, T, T]` of layer N out.
 */

import { openSession, type Session } from "@llm-learning/onnx/node";
import type { AttentionWeights } from "./attention.ts";

export class AttentionModel {
  readonly #session: Session;
  /** Names of the outputs, the first layer's first. */
  readonly #layers: readonly string[];

  /**
   * Opens the file, for one thread: what is looked at is short, and others have work to do.
   *
   * @throws RangeError where the file is no such model, Error where the runtime refuses it.
   */
  static async open(file: string): Promise<AttentionModel> {
    const session = await openSession(file, { threads: 1 });
    const count = session.outputNames.filter((name) => /^attentions\.\d+$/.test(name)).length;
    const layers = Array.from({ length: count }, (_, layer) => `attentions.${layer}`);
    const isOurs = count > 0 && layers.every((name) => session.outputNames.includes(name));
    if (isOurs && String(session.inputNames) === "input_ids") return new AttentionModel(session, layers);
    await session.dispose();
    throw new RangeError(
      `AttentionModel.open: expected a model with the input input_ids and outputs attentions.N, got ${String(session.inputNames)} and ` +
        `${String(session.outputNames)}; was it written by export --attentions?`,
    );
  }

  private constructor(session: Session, layers: readonly string[]) {
    this.#session = session;
    this.#layers = layers;
  }

  /** What the last of some tokens listened to. */
  async attend(tokens: readonly number[]): Promise<AttentionWeights> {
    const T = tokens.length;
    const data = BigInt64Array.from(tokens, BigInt);
    const fetches = Object.fromEntries(this.#layers.map((name) => [name, undefined]));
    const results = await this.#session.run({ input_ids: { dtype: "int64", shape: [1, T], data } }, fetches);
    const [, H] = results[this.#layers[0]].shape;
    const weights = new Float32Array(this.#layers.length * H * T); // [L, H, T]
    for (const [layer, name] of this.#layers.entries()) {
      const { shape, data: probabilities } = results[name];
      if (String(shape) !== String([1, H, T, T])) {
        throw new RangeError(
          `AttentionModel.attend: expected ${name} [1, ${H}, ${T}, ${T}], got [${shape.join(", ")}]`,
        );
      }
      for (let head = 0; head < H; head++) {
        const lastRow = ((head + 1) * T - 1) * T;
        weights.set((probabilities as Float32Array).subarray(lastRow, lastRow + T), (layer * H + head) * T);
      }
    }
    return { layers: this.#layers.length, heads: H, weights };
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
