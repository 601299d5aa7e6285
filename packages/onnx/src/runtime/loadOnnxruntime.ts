/**
 * Loads onnxruntime-node when it is first needed: it is an optional peer, absent where only the file format is used.
 */

export type Onnxruntime = typeof import("onnxruntime-node");

/** @throws Error with what to install if onnxruntime-node cannot be loaded. */
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  let loaded: Onnxruntime & { readonly default?: Onnxruntime };
  try {
    loaded = await import("onnxruntime-node");
  } catch (cause) {
    throw new Error(
      `loadOnnxruntime: expected the package onnxruntime-node, got "${(cause as Error).message}"; ` +
        "install it beside @llm-learning/onnx with `npm install onnxruntime-node` (its install script may be skipped: it fetches only CUDA)",
      { cause },
    );
  }
  return loaded.default ?? loaded;
}
