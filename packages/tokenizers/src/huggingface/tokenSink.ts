/**
 * Takes the tokens of one piece after another, and where in its piece each stands if that is wanted.
 */

export class TokenSink {
  /** Whether tokens and places are kept, and not only ids. */
  readonly isDetailed: boolean;
  ids: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  count = 0;
  readonly tokens: string[] = [];
  /** Where each token begins and ends in its piece, in bytes of UTF-8; two numbers for each. */
  readonly places: number[] = [];

  constructor(isDetailed: boolean) {
    this.isDetailed = isDetailed;
  }

  /** Takes a token; the rest is only looked at if {@link isDetailed}. */
  push(id: number, token: string, start: number, end: number): void {
    if (this.count === this.ids.length) this.#grow();
    this.ids[this.count++] = id;
    if (!this.isDetailed) return;
    this.tokens.push(token);
    this.places.push(start, end);
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.ids.length);
    larger.set(this.ids);
    this.ids = larger;
  }
}
