/**
 * Turns among clients, by what each has been given so far: the next is whoever had least. Who was away gets no credit for it, so that a
 * client that comes back cannot hold up those that stayed.
 *
 * The virtual token counter of Sheng et al. 2024, "Fairness in Serving Large Language Models" (OSDI), section 4.1.
 */

/** Shares turns among clients. */
export class FairTurns {
  /** What clients have been given: of those that are here, and of those that were given more than any of these. */
  readonly #given = new Map<string, number>();
  /** Of clients that are here, how many reasons each has. */
  readonly #present = new Map<string, number>();

  /** A client has one more reason to get turns. */
  enter(client: string): void {
    const reasons = this.#present.get(client) ?? 0;
    if (reasons === 0) this.#given.set(client, Math.max(this.#given.get(client) ?? 0, this.#least()));
    this.#present.set(client, reasons + 1);
  }

  /** A client has one reason less. */
  leave(client: string): void {
    const reasons = this.#present.get(client) ?? 0;
    if (reasons > 1) {
      this.#present.set(client, reasons - 1);
      return;
    }
    this.#present.delete(client);
    // Those that would begin like a stranger need not be remembered.
    const least = this.#present.size === 0 ? Infinity : this.#least();
    for (const [known, given] of this.#given) {
      if (!this.#present.has(known) && given <= least) this.#given.delete(known);
    }
  }

  /** A client was given something, in whatever unit is the same for all. */
  charge(client: string, cost: number): void {
    const given = this.#given.get(client);
    if (given !== undefined) this.#given.set(client, given + cost);
  }

  /** Whose turn it is among some clients that are here; the first of equals. */
  next(clients: Iterable<string>): string | undefined {
    let chosen: string | undefined;
    let least = Infinity;
    for (const client of clients) {
      const given = this.#given.get(client) ?? 0;
      if (given < least) [chosen, least] = [client, given];
    }
    return chosen;
  }

  #least(): number {
    let least = Infinity;
    for (const client of this.#present.keys()) least = Math.min(least, this.#given.get(client) ?? 0);
    return least === Infinity ? 0 : least;
  }
}
