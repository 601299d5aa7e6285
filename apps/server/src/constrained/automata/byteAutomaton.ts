/**
 * Deterministic automata over bytes: what a constraint is made of below the level of nesting. One that is used in a grammar is trimmed: from
 * every state some text leads to the end, so that whoever follows it never comes to a place without a way on.
 */

/** The state from which nothing is accepted. */
export const DEAD = -1;

/** A regular language of bytes. */
export interface ByteAutomaton {
  readonly start: number;
  /** Automata of one family share what is remembered of their states, by {@link ByteAutomaton.canonical}. */
  readonly family: object;
  /** The state after a byte, or {@link DEAD}. */
  next(state: number, byte: number): number;
  /** Whether the text so far is one of the language. */
  isAccepting(state: number): boolean;
  /** Whether some byte may follow. */
  hasNext(state: number): boolean;
  /**
   * A number that is the same for states which accept the same texts of so many characters.
   *
   * @param longest - Characters of the longest token.
   */
  canonical(state: number, longest: number): number;
}

/** An edge of an automaton: the bytes from `low` to `high` lead to the state `target`. */
export interface ByteEdge {
  readonly low: number;
  readonly high: number;
  readonly target: number;
}

/** An automaton whose states and edges are written down. State 0 is the start. */
export class TableAutomaton implements ByteAutomaton {
  readonly start = 0;
  readonly family: object = this;
  readonly size: number;
  /** Edges of state `s`, in order of their bytes, are those from `#offsets[s]` to `#offsets[s + 1]`. */
  readonly #offsets: Int32Array;
  readonly #lows: Uint8Array;
  readonly #highs: Uint8Array;
  readonly #targets: Int32Array;
  readonly #accepting: Uint8Array;

  /**
   * @param edges - Of each state, without overlap.
   * @param accepting - 1 for each state that ends a text.
   */
  constructor(edges: readonly (readonly ByteEdge[])[], accepting: ArrayLike<number>) {
    this.size = edges.length;
    this.#offsets = new Int32Array(edges.length + 1);
    for (let state = 0; state < edges.length; state++) {
      this.#offsets[state + 1] = this.#offsets[state] + edges[state].length;
    }
    const flat = edges.flatMap((list) => list.toSorted((a, b) => a.low - b.low));
    this.#lows = Uint8Array.from(flat, ({ low }) => low);
    this.#highs = Uint8Array.from(flat, ({ high }) => high);
    this.#targets = Int32Array.from(flat, ({ target }) => target);
    this.#accepting = Uint8Array.from(accepting);
  }

  next(state: number, byte: number): number {
    // The last edge that begins at the byte or before.
    let first = this.#offsets[state];
    let end = this.#offsets[state + 1];
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (this.#lows[middle] <= byte) first = middle + 1;
      else end = middle;
    }
    const edge = first - 1;
    return edge >= this.#offsets[state] && byte <= this.#highs[edge] ? this.#targets[edge] : DEAD;
  }

  isAccepting(state: number): boolean {
    return this.#accepting[state] === 1;
  }

  hasNext(state: number): boolean {
    return this.#offsets[state + 1] > this.#offsets[state];
  }

  canonical(state: number): number {
    return state;
  }

  /** The edges of a state. */
  edgesOf(state: number): ByteEdge[] {
    const edges: ByteEdge[] = [];
    for (let edge = this.#offsets[state]; edge < this.#offsets[state + 1]; edge++) {
      edges.push({ low: this.#lows[edge], high: this.#highs[edge], target: this.#targets[edge] });
    }
    return edges;
  }
}

/** The texts of an automaton between quotes; they have no raw quote in them. */
export function quoted(inside: TableAutomaton): TableAutomaton {
  const quote = 0x22;
  const last = inside.size + 1;
  const edges: ByteEdge[][] = [[{ low: quote, high: quote, target: 1 }]];
  for (let state = 0; state < inside.size; state++) {
    const list = inside.edgesOf(state).map((edge) => ({ ...edge, target: edge.target + 1 }));
    edges.push(inside.isAccepting(state) ? [...list, { low: quote, high: quote, target: last }] : list);
  }
  return new TableAutomaton([...edges, []], [...new Uint8Array(last), 1]);
}

/**
 * Leaves out the states from which no text ends, and those that no text leads to.
 *
 * @returns `undefined` if nothing is accepted.
 */
export function trimmed(
  edges: readonly (readonly ByteEdge[])[],
  accepting: ArrayLike<number>,
): TableAutomaton | undefined {
  const before: number[][] = edges.map(() => []);
  edges.forEach((list, state) => list.forEach(({ target }) => before[target].push(state)));
  const lives = Uint8Array.from(accepting);
  const stack = Array.from(edges.keys()).filter((state) => lives[state] === 1);
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    for (const source of before[state]) {
      if (lives[source] === 1) continue;
      lives[source] = 1;
      stack.push(source);
    }
  }
  if (lives[0] === 0) return undefined;
  const numbers = new Int32Array(edges.length).fill(-1);
  const kept = [0];
  numbers[0] = 0;
  for (let at = 0; at < kept.length; at++) {
    for (const { target } of edges[kept[at]]) {
      if (lives[target] === 0 || numbers[target] >= 0) continue;
      numbers[target] = kept.length;
      kept.push(target);
    }
  }
  const keptEdges = kept.map((state) =>
    edges[state].filter(({ target }) => lives[target] === 1).map((edge) => ({ ...edge, target: numbers[edge.target] })),
  );
  return new TableAutomaton(
    keptEdges,
    kept.map((state) => accepting[state]),
  );
}
