/**
 * What an answer depends on besides the request, as a name: the same seed promises the same text only while it stays the same.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object, `system_fingerprint`
 */

import { createHash } from "node:crypto";
import type { ServedModel } from "../../model/servedModel.ts";

/** Of a model's id, the time at which it was exported, and its sizes. */
export function systemFingerprint({ id, created, engine: { blockSize, vocabSize } }: ServedModel): string {
  const text = JSON.stringify([id, created, blockSize, vocabSize]);
  return `fp_${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}
