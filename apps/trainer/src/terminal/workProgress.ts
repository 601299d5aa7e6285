/**
 * Progress of work whose end is known: a bar on a terminal, now and then a line elsewhere.
 */

import { formatCount } from "./format.ts";
import { ProgressBar } from "./progressBar.ts";

/** Time between two lines where there is no terminal for a bar, in milliseconds. */
const INTERVAL = 10_000;

export class WorkProgress {
  readonly #stream: NodeJS.WriteStream;
  #bar: ProgressBar | undefined;
  #unit = "";
  #shown = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /**
   * Shows how far the work is.
   *
   * @param of - What `done` will be; undefined where it is not known.
   * @param unit - What is counted, such as "tokens"; another one begins another bar.
   */
  update(done: number, of: number | undefined, unit: string): void {
    if (of !== undefined && this.#stream.isTTY) {
      if (unit !== this.#unit) this.stop();
      this.#unit = unit;
      this.#bar ??= new ProgressBar(this.#stream, { step: 0, total: of });
      this.#bar.update({ step: done, text: ` ${unit}` });
    } else if (performance.now() - this.#shown > INTERVAL) {
      this.#shown = performance.now();
      const share = of === undefined ? formatCount(done) : `${Math.floor((100 * done) / of)}% of ${formatCount(of)}`;
      this.#stream.write(`${share} ${unit}\n`);
    }
  }

  /** Removes the bar. */
  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
