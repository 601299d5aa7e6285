/**
 * The memory of a process where nobody says how much, and how it is written for people.
 */

import { totalmem } from "node:os";

/** Bytes for weights and caches: 3/4 of what the machine or its container has, divided among processes; the rest is for everything else. */
export function defaultMemory({ workers }: { readonly workers: number }): number {
  // 0, or more than there is, where nothing constrains the process.
  const constrained = process.constrainedMemory();
  const all = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.floor((all * 0.75) / workers);
}

/** Bytes as people read them. */
export function shownBytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
