/**
 * What the page says about itself: how things stand, what went wrong, how fast the text comes.
 */

import { byId } from "./element.ts";
import { duration } from "./format.ts";
import type { Pace } from "./pace.ts";

const status = byId("status", HTMLElement);
const problem = byId("problem", HTMLElement);

/** Says how things stand; what changes many times a second is not spoken. */
export function say(text: string, { quiet = false }: { quiet?: boolean } = {}): void {
  status.setAttribute("aria-live", quiet ? "off" : "polite");
  status.textContent = text;
}

/** Says what went wrong; undefined that nothing does any more. */
export function complain(error: unknown): void {
  problem.hidden = error === undefined;
  problem.textContent = error === undefined ? "" : (error as Error).message;
}

/** How fast the text came so far. */
export function showPace(pace: Pace): void {
  const { firstToken, tokensPerSecond, tokens } = pace;
  byId("first-token", HTMLElement).textContent = firstToken === undefined ? "–" : duration(firstToken);
  byId("speed", HTMLElement).textContent =
    tokensPerSecond === undefined ? "–" : tokensPerSecond.toFixed(tokensPerSecond < 10 ? 1 : 0);
  byId("count", HTMLElement).textContent = String(tokens);
}
