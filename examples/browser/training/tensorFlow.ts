/**
 * TensorFlow.js with the backend that was asked for. Each backend is a chunk of its own, loaded when it is; the WebAssembly files lie beside
 * the page, where TensorFlow.js would fetch them from a content delivery network otherwise.
 */

import * as tf from "@tensorflow/tfjs-core";
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import type { Backend } from "./trainingSettings.ts";

const load = {
  cpu: () => import("@tensorflow/tfjs-backend-cpu"),
  webgpu: () => import("@tensorflow/tfjs-backend-webgpu"),
  wasm: async () => {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    // One thread, so that the same seed gives the same bits wherever the page is served from.
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    setWasmPaths({
      "tfjs-backend-wasm.wasm": plainUrl,
      "tfjs-backend-wasm-simd.wasm": simdUrl,
      "tfjs-backend-wasm-threaded-simd.wasm": simdUrl,
    });
  },
} as const satisfies Record<Backend, () => Promise<unknown>>;

/** @throws Error where the browser does not have the backend. */
export async function openTensorFlow(backend: Backend): Promise<typeof tf> {
  await load[backend]();
  // A backend that cannot be had is refused in one way or the other.
  const isThere = await tf.setBackend(backend).catch(() => false);
  if (!isThere) throw new Error(`this browser cannot compute with ${backend}: take another backend`);
  return tf;
}
