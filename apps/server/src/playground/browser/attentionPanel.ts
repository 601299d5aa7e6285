/**
 * Where the model looked before it chose a token: a shade on the tokens before it, of one head or of the mean of several, and the
 * tokens that were heard most.
 */

import type { AttentionAnswer } from "../protocol.ts";
import type { Client } from "./client.ts";
import { byId, element } from "./element.ts";
import { percent, visible } from "./format.ts";
import type { ViewToken } from "./tokenView.ts";

/** Most tokens that are looked at, the last ones. */
const MAX_TOKENS = 256;

/** Tokens that are listed. */
const LISTED = 5;

/** A focus that moves on within this time, in milliseconds, asks for nothing. */
const PATIENCE = 150;

export interface AttentionPanelOptions {
  readonly client: Client;
  /** Shades all tokens, by numbers from 0 to 1. */
  readonly shade: (weights: readonly number[] | undefined) => void;
}

export class AttentionPanel {
  readonly #root = byId("attention", HTMLElement);
  readonly #layer = byId("layer", HTMLSelectElement);
  readonly #head = byId("head", HTMLSelectElement);
  readonly #list = byId("heard", HTMLElement);
  readonly #note = byId("attention-note", HTMLElement);
  readonly #options: AttentionPanelOptions;
  #wait: ReturnType<typeof setTimeout> | undefined;
  #request: AbortController | undefined;
  #shown: { answer: AttentionAnswer; before: readonly ViewToken[] } | undefined;

  constructor(options: AttentionPanelOptions) {
    this.#options = options;
    for (const select of [this.#layer, this.#head]) select.addEventListener("change", () => this.#draw());
  }

  /** Asks what was heard before the token of `index` was chosen. */
  show(model: string, tokens: readonly ViewToken[], index: number): void {
    this.hide();
    if (index === 0) return;
    this.#root.hidden = false;
    this.#list.replaceChildren();
    this.#note.textContent = "Looking…";
    const before = tokens.slice(0, index);
    this.#wait = setTimeout(() => void this.#ask(model, before), PATIENCE);
  }

  hide(): void {
    clearTimeout(this.#wait);
    this.#request?.abort();
    this.#shown = undefined;
    this.#root.hidden = true;
    this.#options.shade(undefined);
  }

  async #ask(model: string, before: readonly ViewToken[]): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    try {
      const tokens = before.slice(-MAX_TOKENS).map(({ id }) => id);
      const answer = await this.#options.client.attention({ model, tokens }, request.signal);
      this.#shown = { answer, before };
      fill(this.#layer, "All layers", "Layer", answer.layers);
      fill(this.#head, "All heads", "Head", answer.heads);
      this.#draw();
    } catch (error) {
      if (!request.signal.aborted) this.#note.textContent = (error as Error).message;
    }
  }

  #draw(): void {
    if (this.#shown === undefined) return;
    const { answer, before } = this.#shown;
    const weights = meanWeights(answer, this.#layer.value, this.#head.value);
    const offset = before.length - weights.length;
    const largest = Math.max(...weights);
    this.#options.shade([...before.slice(0, offset).map(() => 0), ...weights.map((weight) => weight / largest)]);
    const ranked = weights.map((weight, place) => ({ weight, token: before[offset + place], place: offset + place }));
    const rows = ranked.toSorted((a, b) => b.weight - a.weight).slice(0, LISTED);
    this.#list.replaceChildren(
      ...rows.map(({ weight, token, place }) => {
        const row = element(
          "li",
          { class: "bar" },
          element("span", { class: "fill" }),
          element("span", { class: "name" }, visible(token.text), element("small", {}, ` ${place + 1}`)),
          element("span", { class: "value" }, percent(weight)),
        );
        row.style.setProperty("--share", weight.toFixed(4));
        return row;
      }),
    );
    this.#note.textContent =
      offset === 0
        ? "Earlier tokens are shaded by how much the model heard of them as it chose this one."
        : `Of the last ${weights.length} tokens; those before them were left out.`;
  }
}

/** The mean over the chosen layers and heads; "" is all of them. */
function meanWeights({ weights }: AttentionAnswer, layer: string, head: string): number[] {
  const layers = layer === "" ? weights : [weights[Number(layer)]];
  const rows = layers.flatMap((heads) => (head === "" ? heads : [heads[Number(head)]]));
  return rows[0].map((_, place) => rows.reduce((sum, row) => sum + row[place], 0) / rows.length);
}

/** Offers a choice for each number; the one that was chosen stays so. */
function fill(select: HTMLSelectElement, all: string, name: string, count: number): void {
  if (select.options.length === count + 1) return;
  const choices = Array.from({ length: count }, (_, i) => element("option", { value: i }, `${name} ${i + 1}`));
  select.replaceChildren(element("option", { value: "" }, all), ...choices);
}
