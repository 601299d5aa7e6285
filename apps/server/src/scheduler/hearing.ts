/**
 * Keeps a model that is faster than its listener from talking ahead: what has piled up is heard in one go, and nothing else, such as a
 * question after the health of the server, is answered meanwhile.
 */

/** News that may be under way. One alone would keep the model waiting while they are heard. */
const MOST_UNHEARD = 2;

/** Counts news that were told and not heard yet. */
export class Hearing {
  #unheard = 0;
  #wake: (() => void) | undefined;

  told(): void {
    this.#unheard++;
  }

  heard(): void {
    this.#unheard--;
    this.#wake?.();
  }

  /** Resolves once further news may be told. For one that waits. */
  async ready(): Promise<void> {
    while (this.#unheard >= MOST_UNHEARD) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
  }
}
