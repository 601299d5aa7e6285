/**
 * The normalization forms of Unicode, with what each character of the result comes from, as the crate `unicode-normalization-alignments`
 * tells it to Hugging Face's library.
 *
 * @see Unicode Standard Annex #15, section 1.3, "Description of the Normalization Process"
 */

import { combiningClass, composed, decompositionOf } from "../../unicode/normalization.ts";
import type { AlignedText } from "../alignedText.ts";
import { Rewriter } from "../rewriter.ts";
import type { Normalizer } from "./normalizer.ts";

/** A decomposed character on its way: its combining class, itself, and the change that it is (see {@link Rewriter.push}). */
type Mark = readonly [combiningClass: number, point: number, change: number];

export class UnicodeForm implements Normalizer {
  readonly #form: "NFC" | "NFD" | "NFKC" | "NFKD";

  constructor(form: "NFC" | "NFD" | "NFKC" | "NFKD") {
    this.#form = form;
  }

  normalize(source: AlignedText): AlignedText {
    const form = this.#form;
    // A newer Unicode composes and decomposes what an older one does, and more; so what is normal to it is normal to the older one.
    if (source.isAnchored && source.text.normalize(form) === source.text) return source;
    const rewriter = new Rewriter(source);
    const target = form === "NFD" || form === "NFKD" ? rewriter : new Recomposer(rewriter);
    decompose(source.text, form === "NFKD" || form === "NFKC", target);
    if (target instanceof Recomposer) target.end();
    return rewriter.finish();
  }
}

function decompose(
  text: string,
  isCompatible: boolean,
  target: { push(point: number, change: number, combiningClass: number): void },
): void {
  /** Marks since the last character that combines with nothing before it. */
  let marks: Mark[] = [];
  const flush = (): void => {
    if (marks.length > 1) marks.sort((a, b) => a[0] - b[0]);
    for (const [kind, point, change] of marks) target.push(point, change, kind);
    marks = [];
  };
  const add = (point: number, change: number): void => {
    const kind = combiningClass(point);
    if (kind > 0) {
      marks.push([kind, point, change]);
      return;
    }
    if (marks.length > 0) flush();
    target.push(point, change, 0);
  };
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at++;
    const parts = point < 0x80 ? undefined : decompositionOf(point, isCompatible);
    if (parts === undefined) add(point, 0);
    else for (let i = 0; i < parts.length; i++) add(parts[i], i === 0 ? 0 : 1);
  }
  flush();
}

/** Puts decomposed characters together again. */
class Recomposer {
  readonly #target: Rewriter;
  /** The last character that others combine with, -1 before the first. */
  #base = -1;
  #baseChange = 0;
  /** The combining class of the last mark that did not combine, -1 if there is none. */
  #lastClass = -1;
  /** Marks that did not combine with the base, each followed by its change. */
  #marks: number[] = [];

  constructor(target: Rewriter) {
    this.#target = target;
  }

  push(point: number, change: number, kind: number): void {
    if (this.#base < 0) {
      if (kind !== 0) this.#target.push(point, change);
      else this.#rebase(point, change);
      return;
    }
    // A mark behind one of its own class, or of a higher one, is cut off from the base.
    if (this.#lastClass < 0 || this.#lastClass < kind) {
      const whole = composed(this.#base, point);
      if (whole >= 0) {
        this.#base = whole;
        this.#baseChange += change - 1;
        return;
      }
    }
    if (kind === 0) {
      this.end();
      this.#rebase(point, change);
      return;
    }
    this.#marks.push(point, change);
    this.#lastClass = kind;
  }

  end(): void {
    if (this.#base >= 0) this.#target.push(this.#base, this.#baseChange);
    for (let i = 0; i < this.#marks.length; i += 2) this.#target.push(this.#marks[i], this.#marks[i + 1]);
    this.#marks = [];
    this.#lastClass = -1;
  }

  #rebase(point: number, change: number): void {
    this.#base = point;
    this.#baseChange = change;
  }
}
