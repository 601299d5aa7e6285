/**
 * The text as its tokens: a list of which one is chosen, by pointer or by keys. Each token is an element with its borders to be
 * seen and its surprise as a shade.
 */

import type { ShownToken } from "../protocol.ts";
import { element } from "./element.ts";
import { percent, spoken } from "./format.ts";

/** A token, and where it comes from. */
export interface ViewToken extends ShownToken {
  readonly origin: "prompt" | "written" | "chosen";
}

/** What happens in the list; indices are those of tokens. */
export interface TokenViewEvents {
  /** A token is pointed at, or none any more. */
  onPreview(index: number | undefined): void;
  /** A token is chosen, to stay so. */
  onPin(index: number): void;
  /** The chosen token is to be acted on. */
  onEnter(): void;
}

/** Surprise, in nats, from which on the shade is full: a probability of 1 %. */
const FULL_SHADE = Math.log(100);

export class TokenView {
  readonly #root: HTMLElement;
  readonly #events: TokenViewEvents;
  #tokens: ViewToken[] = [];
  #pinned: number | undefined;

  constructor(root: HTMLElement, events: TokenViewEvents) {
    this.#root = root;
    this.#events = events;
    root.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse") events.onPreview(this.#indexOf(event.target));
    });
    root.addEventListener("pointerleave", () => events.onPreview(undefined));
    root.addEventListener("click", (event) => this.#pinAt(this.#indexOf(event.target)));
    root.addEventListener("focusin", (event) => this.#pinAt(this.#indexOf(event.target)));
    root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get tokens(): readonly ViewToken[] {
    return this.#tokens;
  }

  /** The index of the chosen token. */
  get pinned(): number | undefined {
    return this.#pinned;
  }

  /** Shows these tokens and no others. */
  set(tokens: readonly ViewToken[]): void {
    this.#tokens = [];
    this.#pinned = undefined;
    this.#root.replaceChildren();
    for (const token of tokens) this.push(token);
  }

  push(token: ViewToken): void {
    const index = this.#tokens.push(token) - 1;
    const shown = this.#draw(token, index);
    this.#root.append(shown);
    // The list is one stop of the tab key: at the chosen token, else at the first.
    if (this.#pinned === undefined && index === 0) shown.tabIndex = 0;
  }

  /** Chooses a token, and moves the focus to it where asked. */
  pin(index: number, { focus = false }: { focus?: boolean } = {}): void {
    const [before, after] = [this.#elementOf(this.#pinned ?? 0), this.#elementOf(index)];
    if (after === undefined) return;
    before?.setAttribute("aria-selected", "false");
    if (before !== undefined) before.tabIndex = -1;
    after.setAttribute("aria-selected", "true");
    after.tabIndex = 0;
    this.#pinned = index;
    after.scrollIntoView({ block: "nearest" });
    if (focus) after.focus();
  }

  /** Shades tokens by numbers from 0 to 1, as many as there are, instead of by surprise; undefined takes that back. */
  shade(weights: readonly number[] | undefined): void {
    this.#root.classList.toggle("attending", weights !== undefined);
    for (const [index] of this.#tokens.entries()) {
      this.#elementOf(index)?.style.setProperty("--heard", String(weights?.[index] ?? 0));
    }
  }

  #draw(token: ViewToken, index: number): HTMLElement {
    const { id, text, logprob, origin } = token;
    const probability = logprob === undefined ? "" : `, ${percent(Math.exp(logprob))}`;
    const shown = element("span", {
      class: `token ${origin}`,
      role: "option",
      tabindex: -1,
      "aria-selected": "false",
      "aria-label": `${spoken(text)}${probability}`,
      "data-index": index,
      "data-id": id,
    });
    if (logprob !== undefined && origin !== "chosen") {
      shown.style.setProperty("--surprise", Math.min(1, Math.max(0, -logprob) / FULL_SHADE).toFixed(3));
    }
    for (const part of text.split(/(\n)/)) {
      if (part === "\n") shown.append(element("span", { class: "mark", "aria-hidden": "true" }, "⏎"), "\n");
      else if (part !== "") shown.append(part);
    }
    if (text === "") shown.append(element("span", { class: "mark", "aria-hidden": "true" }, "·"));
    return shown;
  }

  #pinAt(index: number | undefined): void {
    if (index === undefined) return;
    this.pin(index);
    this.#events.onPin(index);
  }

  #onKey(event: KeyboardEvent): void {
    const index = this.#indexOf(event.target);
    if (index === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.#tokens.length - 1;
    const targets: Readonly<Record<string, () => number | undefined>> = {
      ArrowRight: () => Math.min(last, index + 1),
      ArrowLeft: () => Math.max(0, index - 1),
      ArrowDown: () => this.#neighbourLine(index, 1),
      ArrowUp: () => this.#neighbourLine(index, -1),
      Home: () => 0,
      End: () => last,
    };
    if (event.key === "Enter") {
      event.preventDefault();
      this.#events.onEnter();
    } else if (Object.hasOwn(targets, event.key)) {
      event.preventDefault();
      const target = targets[event.key]();
      if (target !== undefined) this.#elementOf(target)?.focus();
    }
  }

  /** The token nearest to one in the line above (-1) or below (1). */
  #neighbourLine(from: number, direction: 1 | -1): number | undefined {
    const boxOf = (index: number): DOMRect | undefined => this.#elementOf(index)?.getClientRects()[0];
    const here = boxOf(from);
    if (here === undefined) return undefined;
    let best: { index: number; top: number; distance: number } | undefined;
    for (let index = from + direction; index >= 0 && index < this.#tokens.length; index += direction) {
      const box = boxOf(index);
      if (box === undefined || Math.abs(box.top - here.top) < here.height / 2) continue;
      if (best !== undefined && Math.abs(box.top - best.top) > here.height / 2) break;
      const distance = Math.abs(box.left - here.left);
      if (best === undefined || distance < best.distance) best = { index, top: box.top, distance };
    }
    return best?.index;
  }

  #indexOf(target: EventTarget | null): number | undefined {
    const index = target instanceof Element ? target.closest("[data-index]")?.getAttribute("data-index") : undefined;
    return index === null || index === undefined ? undefined : Number(index);
  }

  #elementOf(index: number): HTMLElement | undefined {
    return this.#root.children[index] as HTMLElement | undefined;
  }
}
