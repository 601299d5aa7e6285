/**
 * The card of one token: how probable it was, what could have stood in its place, and what the model looked at.
 */

import type { Alternative } from "../protocol.ts";
import { element } from "./element.ts";
import { percent, spoken, visible } from "./format.ts";
import type { ViewToken } from "./tokenView.ts";

/** What can be done on the card. */
export interface TokenCardEvents {
  /** An alternative to the token of an index is chosen. */
  onAlternative(index: number, alternative: Alternative): void;
}

export class TokenCard {
  readonly #root: HTMLElement;
  readonly #events: TokenCardEvents;

  /** @param root - The element whose content the card is. */
  constructor(root: HTMLElement, events: TokenCardEvents) {
    this.#root = root;
    this.#events = events;
  }

  /** Shows what is known of a token; without one, how to choose one. */
  show(token: ViewToken | undefined, { index, count }: { index: number; count: number }): void {
    if (token === undefined) {
      const hint =
        "Point at a token, or move to it with the arrow keys, to see how sure the model was and what else it thought of.";
      this.#root.replaceChildren(element("p", { class: "muted hint" }, hint));
      return;
    }
    const { text, id, logprob, origin, top = [] } = token;
    const facts: [name: string, value: string][] = [
      ["Probability", logprob === undefined ? "not asked" : percent(Math.exp(logprob))],
      ["Surprise", logprob === undefined ? "–" : `${(0 - logprob).toFixed(2)} nats`],
      ["Id", String(id)],
    ];
    const origins = { prompt: "of the prompt", written: "written by the model", chosen: "chosen by you" };
    this.#root.replaceChildren(
      element("p", { class: "eyebrow" }, `Token ${index + 1} of ${count}, ${origins[origin]}`),
      element("p", { class: "spelled" }, visible(text)),
      element("dl", { class: "tiles" }, ...facts.map(([name, value]) => fact(name, value))),
      ...(top.length === 0 ? [] : this.#alternatives(index, token, top)),
    );
  }

  /** Moves the focus to the first alternative. */
  focus(): void {
    this.#root.querySelector("button")?.focus();
  }

  #alternatives(index: number, { id, text, logprob }: ViewToken, top: readonly Alternative[]): HTMLElement[] {
    const isAmong = logprob === undefined || top.some((alternative) => alternative.id === id);
    const rows = [...top, ...(isAmong ? [] : [{ id, text, logprob }])].map((alternative) => {
      const probability = Math.exp(alternative.logprob);
      const isTaken = alternative.id === id;
      const button = element(
        "button",
        {
          type: "button",
          class: isTaken ? "bar taken" : "bar",
          "data-id": alternative.id,
          "aria-label": `${spoken(alternative.text)}, ${percent(probability)}${isTaken ? ", taken" : ""}: write on from it`,
        },
        element("span", { class: "fill" }),
        element("span", { class: "name" }, visible(alternative.text)),
        element("span", { class: "value" }, percent(probability)),
      );
      button.style.setProperty("--share", probability.toFixed(4));
      button.addEventListener("click", () => this.#events.onAlternative(index, alternative));
      return element("li", {}, button);
    });
    return [
      element("h3", {}, "What could have stood here"),
      element("ol", { class: "bars" }, ...rows),
      element("p", { class: "muted small" }, "Choose one, and the model writes on from it."),
    ];
  }
}

function fact(name: string, value: string): HTMLElement {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}
