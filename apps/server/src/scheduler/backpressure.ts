/**
 * Backpressure between the thread that runs a model and the one that speaks HTTP. Without it a fast model gets far ahead: the reports
 * that have piled up are then taken in one go, and nobody else, such as a probe of the server's health, is answered meanwhile.
 */

/** Reports that may be under way. With one alone the model would stand still while it is taken. */
const MOST_UNDER_WAY = 2;

/** Counts reports that were sent and not acknowledged yet. */
export class Backpressure {
  #underWay = 0;
  #wake: (() => void) | undefined;

  sent(): void {
    this.#underWay++;
  }

  acknowledged(): void {
    this.#underWay--;
    this.#wake?.();
  }

  /** Resolves once there is room for a further report. One caller at a time. */
  async room(): Promise<void> {
    while (this.#underWay >= MOST_UNDER_WAY) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = undefined;
  }
}
