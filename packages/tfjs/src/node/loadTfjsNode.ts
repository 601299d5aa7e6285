/**
 * Loads `@tensorflow/tfjs-node`, which brings TensorFlow's own kernels to Node and is installed only by who wants it.
 */

import util from "node:util";
import type { TensorFlow } from "../tensorFlow.ts";

/**
 * The namespace of `@tensorflow/tfjs-node`, on any Node.
 *
 * The package calls `util.isNullOrUndefined`, which Node took away in version 23: it is put back first.
 *
 * @throws Error that says what to do where the package, or the library under it, is not there.
 */
export async function loadTfjsNode(): Promise<TensorFlow> {
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) =>
    value === undefined || value === null;
  try {
    // Otherwise TensorFlow tells on standard error what this processor can do.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "1";
    const { default: tf } = (await import("@tensorflow/tfjs-node")) as unknown as { default: TensorFlow };
    return tf;
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).trim().split("\n")[0];
    const isMissing = (error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    throw new Error(
      isMissing
        ? "loadTfjsNode: expected the package @tensorflow/tfjs-node, got none; install it with `npm install @tensorflow/tfjs-node`"
        : `loadTfjsNode: expected @tensorflow/tfjs-node with TensorFlow's library, got: ${reason}; where its download is out of ` +
            "reach, scripts/setUpTfjsNode.mjs of @llm-learning/tfjs builds it against a library that you have",
      { cause: error },
    );
  }
}
