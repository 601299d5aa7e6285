/**
 * The keys of a training on a terminal. Each is answered at once, whatever step is running; what it asks for comes after the step.
 */

import type { TrainingRequest, TrainingWishes } from "../training/trainingWishes.ts";
import { Keyboard } from "./keyboard.ts";

const requestKeys: Readonly<Record<string, { readonly request: TrainingRequest; readonly answer: string }>> = {
  s: { request: "samples", answer: "samples after this step" },
  e: { request: "evaluation", answer: "an evaluation after this step" },
  c: { request: "checkpoint", answer: "a checkpoint after this step" },
};

const keyHelp = "keys: s samples, e evaluates, c saves a checkpoint, p pauses and goes on, q saves and ends";

/** Listens until it is closed. @returns undefined where there is no keyboard. */
export function listenToKeys(wishes: TrainingWishes, note: (text: string) => void): Keyboard | undefined {
  const keyboard = Keyboard.open((key) => {
    const known = Object.hasOwn(requestKeys, key) ? requestKeys[key] : undefined;
    if (known !== undefined) {
      wishes.ask(known.request);
      note(known.answer);
    } else if (key === "p") {
      wishes.pause(!wishes.isPaused);
      note(wishes.isPaused ? "pausing after this step; p goes on" : "going on");
    } else if (key === "q") {
      process.emit("SIGINT", "SIGINT");
    } else if (key === "h" || key === "?") {
      note(keyHelp);
    }
  });
  if (keyboard !== undefined) note(keyHelp);
  return keyboard;
}
