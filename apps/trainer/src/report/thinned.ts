/**
 * What a run leaves at rising steps, of which some stay however many come: the first, the newest, and between them those that are
 * equally far apart.
 */
export class Thinned<Item extends { readonly step: number }> {
  readonly #most: number;
  readonly #items: Item[] = [];
  #stride = 1;
  #seen = 0;

  /** @param most - Items that are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes an item; one of an earlier step than the newest, or of no step, is left out. */
  add(item: Item): void {
    const kept = this.#items;
    if (!Number.isSafeInteger(item.step) || item.step <= (kept.at(-1)?.step ?? -1)) return;
    // The newest is always there; in the place before it only every so many stay.
    if (kept.length > 1 && (this.#seen - 1) % this.#stride !== 0) kept.pop();
    kept.push(item);
    this.#seen++;
    if (kept.length <= this.#most) return;
    this.#stride *= 2;
    kept.splice(0, kept.length, ...kept.filter((_, i) => i % 2 === 0));
  }

  get items(): readonly Item[] {
    return this.#items;
  }
}
