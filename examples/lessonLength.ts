/**
 * How long a lesson trains. The tests run every lesson shortened: then the numbers of a few steps have to do.
 */

import { env } from "node:process";

/** `full` steps, or `shortened` where a test runs the lesson. */
export function steps(full: number, shortened: number): number {
  return env.VITEST === "true" ? shortened : full;
}
