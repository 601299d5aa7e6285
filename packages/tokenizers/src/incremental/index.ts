/**
 * Token counts of texts that change at their end, and of parts of texts, without encoding again.
 */

export { AppendableEncoder } from "./appendableEncoder.ts";
export { IntervalCounter } from "./intervalCounter.ts";
