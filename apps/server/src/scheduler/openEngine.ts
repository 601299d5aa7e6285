/**
 * Opens a model behind the seam of `engine.ts`: it runs in a thread of its own, so that nothing it does keeps the event loop from
 * answering.
 */

import type { OpenEngineOptions } from "./engineOptions.ts";
import { startEngineThread } from "./engineThread.ts";
import { ThreadEngine } from "./threadEngine.ts";

/**
 * An engine for an exported model. Answers do not depend on what else is running: tasks share the work, not the results.
 *
 * @throws RangeError or Error where the model or its tokenizer cannot be opened, as `openSlotRuntime` and `parseTokenizer` say.
 * @example
 * ```ts
 * const engine = await openEngine({ modelFile: "model/onnx/model.onnx", tokenizerFile: "model/tokenizer.json", slots: 8 });
 * ```
 */
export async function openEngine(options: OpenEngineOptions): Promise<ThreadEngine> {
  const { restartDelay, onFailure, ...engineOptions } = options;
  return ThreadEngine.open((onReply) => startEngineThread(engineOptions, onReply), { restartDelay, onFailure });
}
