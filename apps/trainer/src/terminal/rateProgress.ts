/**
 * Progress of reading files: a bar on a terminal with how fast it goes and how long it will take, now and then a line elsewhere.
 */

import { formatBytes, formatDuration } from "./format.ts";
import { ProgressBar } from "./progressBar.ts";

/** Time between two lines where there is no terminal for a bar, in milliseconds. */
const INTERVAL = 10_000;

/** The bar counts in these. */
const MEGABYTE = 1e6;

export class RateProgress {
  readonly #stream: NodeJS.WriteStream;
  #what = "";
  #begin = performance.now();
  #shown = performance.now();
  #bar: ProgressBar | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /**
   * Shows how far the work is.
   *
   * @param what - What is done to the bytes, such as "to encode"; other work begins another bar.
   * @param detail - What there is to be said besides; "" is nothing.
   */
  update(bytes: number, of: number, { what, detail }: { readonly what: string; readonly detail: string }): void {
    const now = performance.now();
    if (what !== this.#what) {
      this.stop();
      this.#what = what;
      this.#begin = now;
    }
    const seconds = (now - this.#begin) / 1000;
    const rate = seconds > 0 ? bytes / seconds : 0;
    const left = rate > 0 ? formatDuration((of - bytes) / rate) : "?";
    const text = [detail, `${formatBytes(rate)}/s`, `${left} left`].filter((part) => part !== "").join(", ");
    if (this.#stream.isTTY) {
      this.#bar ??= new ProgressBar(this.#stream, { step: 0, total: Math.max(1, Math.round(of / MEGABYTE)) });
      this.#bar.update({ step: Math.round(bytes / MEGABYTE), text: ` MB ${what}, ${text}` });
    } else if (now - this.#shown > INTERVAL) {
      this.#shown = now;
      const share = of > 0 ? Math.floor((100 * bytes) / of) : 100;
      this.#stream.write(`${share}% of ${formatBytes(of)} ${what}, ${text}\n`);
    }
  }

  /** Removes the bar. */
  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
