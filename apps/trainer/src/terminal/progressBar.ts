/**
 * A progress bar at the bottom of a terminal, with lines of text above it.
 */

import cliProgress from "cli-progress";

/** What the bar shows beside itself. */
export interface ProgressValues {
  readonly step: number;
  /** Everything after the count, ready to print. */
  readonly text: string;
  /** Lines that stand under the bar. @defaultValue those that are there */
  readonly below?: readonly string[] | undefined;
}

type Bars = InstanceType<typeof cliProgress.MultiBar>;
type Bar = ReturnType<Bars["create"]>;

export class ProgressBar {
  readonly #bars: Bars;
  readonly #bar: Bar;
  readonly #below: Bar[] = [];
  #isStopped = false;

  constructor(stream: NodeJS.WriteStream, { step, total }: { step: number; total: number }) {
    this.#bars = new cliProgress.MultiBar({
      stream,
      format: "{bar} {value}/{total}{text}",
      barsize: 20,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      clearOnComplete: true,
      // Lines above may wrap; the bar itself is cut to the terminal's width.
      linewrap: true,
      // The line above is written over the bar, which then has to be drawn again, changed or not.
      forceRedraw: true,
    });
    this.#bar = this.#bars.create(total, step, { text: "" });
  }

  update({ step, text, below = [] }: ProgressValues): void {
    this.#bar.update(step, { text });
    for (const [index, line] of below.entries()) {
      this.#below[index] ??= this.#bars.create(1, 0, { text: "" }, { format: "{text}" });
      this.#below[index].update(0, { text: line });
    }
  }

  /** Writes a line above the bar. */
  log(line: string): void {
    this.#bars.log(`${line}\n`);
    this.#bars.update();
  }

  /** Removes the bar. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#bars.stop();
  }
}
