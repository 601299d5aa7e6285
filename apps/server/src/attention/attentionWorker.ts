/**
 * A worker thread's entry: runs the attention model of one directory, one text at a time.
 */

import { parentPort, workerData } from "node:worker_threads";
import type { AttentionWeights } from "./attention.ts";
import { AttentionModel } from "./attentionModel.ts";

/** A text's tokens, or that there are no more. */
export type AttentionRequest = readonly number[] | "close";

/** The answer to each text, in their order. */
export type AttentionReply = { readonly weights: AttentionWeights } | { readonly error: string };

const port = parentPort!;
let opening: Promise<AttentionModel> | undefined;

port.on("message", async (request: AttentionRequest) => {
  if (request === "close") {
    await (await opening?.catch(() => undefined))?.dispose();
    port.close();
    return;
  }
  let reply: AttentionReply;
  try {
    const model = await (opening ??= AttentionModel.open(workerData as string));
    reply = { weights: await model.attend(request) };
  } catch (error) {
    reply = { error: (error as Error).message };
  }
  port.postMessage(reply);
});
