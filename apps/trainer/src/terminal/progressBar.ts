/**
 * A progress bar at the bottom of a terminal, with lines of text above it.
 */

import cliProgress from "cli-progress";

/** What the bar shows beside itself. */
export interface ProgressValues {
  readonly step: number;
  /** Everything after the count, ready to print. */
  readonly text: string;
}

export class ProgressBar {
  readonly #bars: InstanceType<typeof cliProgress.MultiBar>;
  readonly #bar: ReturnType<InstanceType<typeof cliProgress.MultiBar>["create"]>;
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

  update({ step, text }: ProgressValues): void {
    this.#bar.update(step, { text });
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
