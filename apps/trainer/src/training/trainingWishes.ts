/**
 * What a person wants of a training while it goes on, in memory that threads share: a step holds the event loop of its thread, which
 * therefore hears no messages, but looks here between steps. No wish changes a bit of what is trained or of what a resumed run writes.
 */

/** What can be asked for at any step: to be shown alone, but for the checkpoint. */
export type TrainingRequest = "samples" | "evaluation" | "checkpoint";

const requests: readonly TrainingRequest[] = ["samples", "evaluation", "checkpoint"];

/** Places of the words in the memory. */
const STOP = 0;
const PAUSE = 1;
const REQUESTS = 2;

export class TrainingWishes {
  /** To be sent to the thread that trains. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** @param memory - Of the object whose wishes are to be read here. @defaultValue memory of its own */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Asks to save and end after the step that is running. */
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, STOP) !== 0;
  }

  /** Asks to wait between steps, or to go on. */
  pause(isPaused: boolean): void {
    Atomics.store(this.#words, PAUSE, isPaused ? 1 : 0);
  }

  get isPaused(): boolean {
    return Atomics.load(this.#words, PAUSE) !== 0;
  }

  /** Asks for something after the step that is running; once, however often it is asked for until then. */
  ask(request: TrainingRequest): void {
    Atomics.or(this.#words, REQUESTS, 1 << requests.indexOf(request));
  }

  /** What was asked for since the last call. */
  take(): TrainingRequest[] {
    const bits = Atomics.exchange(this.#words, REQUESTS, 0);
    return requests.filter((_, index) => (bits & (1 << index)) !== 0);
  }
}
