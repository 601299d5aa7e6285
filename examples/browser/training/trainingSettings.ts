/**
 * What the page asks of a training: the text, and the numbers of its form.
 */

/** Sizes and rates, named as the trainer's configuration names them. */
export interface TrainingSettings {
  readonly text: string;
  /** Decides the weights at the start, the batches and the samples. */
  readonly seed: number;
  readonly steps: number;
  readonly nLayer: number;
  readonly nHead: number;
  readonly nEmbd: number;
  /** Characters that the model sees at once. */
  readonly blockSize: number;
  /** Windows of the text in each step. */
  readonly batchSize: number;
  /** The highest learning rate, after the warm-up. */
  readonly learningRate: number;
}

/** What TensorFlow.js computes with. */
export type Backend = "wasm" | "webgpu" | "cpu";

/** @throws RangeError naming the number that is no whole one of at least 1. */
export function checkCounts(settings: TrainingSettings): void {
  const { steps, batchSize, blockSize, nLayer, nHead, nEmbd } = settings;
  for (const [name, value] of Object.entries({ steps, batchSize, blockSize, nLayer, nHead, nEmbd })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`expected ${name} to be a whole number of at least 1, got ${value}`);
    }
  }
}
