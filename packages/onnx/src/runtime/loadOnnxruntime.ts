/**
 * Loads onnxruntime-node when it is first needed: it is an optional peer, absent where only the file format is used.
 */

import type * as onnxruntime from "onnxruntime-node";

export type Onnxruntime = Pick<typeof onnxruntime, "InferenceSession" | "Tensor" | "env" | "listSupportedBackends">;

/** @throws Error with what to install if onnxruntime-node cannot be loaded. */
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  try {
    return (await import("onnxruntime-node")).default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `loadOnnxruntime: expected the package onnxruntime-node, got "${reason}"; install it beside @llm-learning/onnx ` +
        "with `npm install onnxruntime-node` (its install script may be skipped: it only fetches CUDA)",
      { cause },
    );
  }
}
