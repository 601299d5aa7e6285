/**
 * Ctrl-C and SIGTERM as a wish to stop: the first asks, the second ends the process at once.
 */

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export class StopSignals {
  readonly #controller = new AbortController();
  readonly #listeners: readonly (readonly [keyof typeof exitCodes, () => void])[];
  /** Exit status that says which signal came; undefined where none did. */
  exitCode: number | undefined;

  constructor({ onFirst, onSecond }: { onFirst: () => void; onSecond: () => void }) {
    const handle = (name: keyof typeof exitCodes): void => {
      if (this.exitCode !== undefined) {
        onSecond();
        // As if nobody had listened: an orderly end would wait for the step that a thread is in.
        process.removeAllListeners(name);
        process.kill(process.pid, name);
        return;
      }
      this.exitCode = exitCodes[name];
      onFirst();
      this.#controller.abort();
    };
    this.#listeners = [
      ["SIGINT", () => handle("SIGINT")],
      ["SIGTERM", () => handle("SIGTERM")],
    ];
    for (const [name, listener] of this.#listeners) process.on(name, listener);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Leaves signals to the system again. */
  dispose(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }
}
