/**
 * What it takes to run a model: the seam between this toolkit and a binding of a runtime.
 *
 * `openSession.ts` chooses between the two that are behind it: ONNX Runtime through its C API (`native/`), and onnxruntime-node.
 */

import type { TensorValue } from "@llm-learning/nn-core";

/** An opened model that can be run. */
export interface Session {
  readonly inputNames: readonly string[];
  /** Further inputs, which have a value in the file and need not be fed; absent where the binding cannot feed them. */
  readonly optionalInputNames?: readonly string[];
  readonly outputNames: readonly string[];
  /** Whether outputs are written where they are wanted; absent where they are computed elsewhere and copied. */
  readonly writesInPlace?: true;
  /**
   * Computes outputs of the model.
   *
   * @param feeds - A value for every input. Data is read during the call, without a copy where the runtime allows it.
   * @param fetches - The wanted outputs: an array to write into, or undefined to have one allocated. @defaultValue every
   * output, allocated
   * @throws the signal's reason where it ends the run.
   */
  run(
    feeds: Readonly<Record<string, TensorValue>>,
    fetches?: Readonly<Record<string, TensorValue | undefined>>,
    options?: SessionRunOptions,
  ): Promise<Record<string, TensorValue>>;
  /** Frees the session, after the runs that are under way; it cannot run afterwards. */
  dispose(): Promise<void>;
}

/** Options of {@link Session.run}. */
export interface SessionRunOptions {
  /** Ends the run: before it begins, and where the binding can, between two operators. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Runs in the calling thread, which waits: nothing can end the run then, and no way to another thread is to be paid (some 40
   * microseconds). @defaultValue false; onnxruntime-node always does
   */
  readonly blocking?: boolean;
}
