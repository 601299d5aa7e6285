/**
 * Finds spellings in a text: the leftmost first, and the longest of those that begin there.
 */

/** One spelling in a text. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly id: number;
}

/** A node of the tree of spellings: what follows by UTF-16 unit, and the id of the spelling that ends here. */
interface Node {
  readonly next: Map<number, Node>;
  id: number;
}

/** Spellings and their ids. */
export class Spellings {
  readonly #root: Node = { next: new Map(), id: -1 };
  /** Finds the units that begin a spelling; undefined if there are none. */
  readonly #first: RegExp | undefined;

  /** @param ids - Spellings that are not empty; of equal ones the first counts. */
  constructor(ids: Iterable<readonly [spelling: string, id: number]>) {
    for (const [spelling, id] of ids) {
      if (spelling === "") continue;
      let node = this.#root;
      for (let at = 0; at < spelling.length; at++) {
        const unit = spelling.charCodeAt(at);
        let next = node.next.get(unit);
        if (next === undefined) {
          next = { next: new Map(), id: -1 };
          node.next.set(unit, next);
        }
        node = next;
      }
      if (node.id < 0) node.id = id;
    }
    const units = [...this.#root.next.keys()].map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`);
    this.#first = units.length > 0 ? new RegExp(`[${units.join("")}]`, "g") : undefined;
  }

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** The first occurrence at or after `from`. */
  next(text: string, from: number): Occurrence | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    first.lastIndex = from;
    for (let match = first.exec(text); match !== null; match = first.exec(text)) {
      const start = match.index;
      let node: Node | undefined = this.#root;
      let id = -1;
      let end = start;
      for (let at = start; at < text.length;) {
        node = node.next.get(text.charCodeAt(at++));
        if (node === undefined) break;
        if (node.id < 0) continue;
        id = node.id;
        end = at;
      }
      if (id >= 0) return { start, end, id };
      first.lastIndex = start + 1;
    }
    return undefined;
  }
}
