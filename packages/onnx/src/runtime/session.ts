/**
 * What it takes to run a model: the seam between this toolkit and a binding of a runtime.
 *
 * onnxruntime-node is behind it in `ortSession.ts`; a binding that does not block or copy can stand beside that.
 */

import type { TensorValue } from "@llm-learning/nn-core";

/** An opened model that can be run. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Computes outputs of the model.
   *
   * @param feeds - A value for every input. Data is read during the call, without a copy where the runtime allows it.
   * @param fetches - The wanted outputs: an array to write into, or undefined to have one allocated. @defaultValue every
   * output, allocated
   */
  run(
    feeds: Readonly<Record<string, TensorValue>>,
    fetches?: Readonly<Record<string, TensorValue | undefined>>,
  ): Promise<Record<string, TensorValue>>;
  /** Frees the session; it cannot run afterwards. */
  dispose(): Promise<void>;
}
