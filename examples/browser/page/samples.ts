/**
 * What the model writes, newest first.
 */

import { element } from "./elements.ts";

const list = element("samples", HTMLOListElement);
const none = element("no-sample", HTMLElement);
let current: { readonly step: number; readonly text: Text } | undefined;

/** Adds characters to the sample of a step. */
export function addToSample(step: number, characters: string): void {
  if (current?.step !== step) current = { step, text: newSample(step) };
  current.text.data += characters;
}

/** Takes the samples of the run before away. */
export function clearSamples(): void {
  current = undefined;
  list.replaceChildren();
  none.hidden = false;
}

function newSample(step: number): Text {
  none.hidden = true;
  const item = document.createElement("li");
  item.className = "sample";
  const heading = document.createElement("span");
  heading.className = "muted small";
  heading.textContent = `after step ${step}`;
  const pre = document.createElement("pre");
  const text = document.createTextNode("");
  pre.append(text);
  item.append(heading, pre);
  list.prepend(item);
  return text;
}
