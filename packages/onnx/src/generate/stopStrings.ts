/**
 * Stop strings: a text that comes in pieces is cut before the first of several strings, and no piece that might be the beginning
 * of one is let through before it is certain that it is not.
 *
 * Each string is followed by its own Knuth-Morris-Pratt automaton, which knows after every character how much of the string the
 * text ends with: constant time a character, whatever the pieces and however long the string.
 */

/** Cuts a text, given in pieces, before a stop string. What comes out does not depend on where the pieces begin and end. */
export class StopStrings {
  readonly #matchers: readonly Matcher[];
  /** Text that may yet be the beginning of a stop string. */
  #held = "";
  #found: string | undefined;

  /**
   * @param stops - Any number, in no order.
   * @throws TypeError for what is no string; RangeError for an empty one and one with half a surrogate pair, which no text holds.
   */
  constructor(stops: readonly string[]) {
    for (const stop of stops) checkStop(stop);
    this.#matchers = stops.map((stop) => new Matcher(stop));
  }

  /**
   * The stop string that ended the text: of several the one that is complete first, and of those that end at the same character
   * the longest.
   */
  get found(): string | undefined {
    return this.#found;
  }

  /**
   * Takes the next piece.
   *
   * @returns the text that is now certain, up to the stop string; "" once it was found.
   */
  push(text: string): string {
    if (this.#found !== undefined) return "";
    const all = this.#held + text;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      for (const matcher of this.#matchers) {
        if (matcher.push(unit) && matcher.stop.length > (this.#found?.length ?? 0)) this.#found = matcher.stop;
      }
      if (this.#found === undefined) continue;
      const end = this.#held.length + i + 1;
      this.#held = "";
      return all.slice(0, end - this.#found.length);
    }
    let held = this.#matchers.reduce((longest, { matched }) => Math.max(longest, matched), 0);
    // The first half of a surrogate pair waits for the second.
    if (held === 0 && /[\ud800-\udbff]$/.test(all)) held = 1;
    this.#held = all.slice(all.length - held);
    return all.slice(0, all.length - held);
  }

  /** Ends the text. @returns what was held back, which was not a stop string after all. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    for (const matcher of this.#matchers) matcher.matched = 0;
    return held;
  }
}

/** Follows how much of a string a growing text ends with. */
class Matcher {
  readonly stop: string;
  /** Length of the longest beginning of `stop` that the text ends with. */
  matched = 0;
  /** By length of a beginning of `stop`: length of the longest shorter beginning that it ends with. */
  readonly #fallback: Uint32Array;

  constructor(stop: string) {
    this.stop = stop;
    this.#fallback = new Uint32Array(stop.length + 1);
    for (let length = 2, border = 0; length <= stop.length; length++) {
      border = this.#extend(border, stop.charCodeAt(length - 1));
      this.#fallback[length] = border;
    }
  }

  /** Takes a UTF-16 unit; true where the text now ends with the whole string. */
  push(unit: number): boolean {
    const from = this.matched === this.stop.length ? this.#fallback[this.matched] : this.matched;
    this.matched = this.#extend(from, unit);
    return this.matched === this.stop.length;
  }

  #extend(matched: number, unit: number): number {
    while (matched > 0 && this.stop.charCodeAt(matched) !== unit) matched = this.#fallback[matched];
    return this.stop.charCodeAt(matched) === unit ? matched + 1 : 0;
  }
}

function checkStop(stop: string): void {
  if (typeof stop !== "string") throw new TypeError(`StopStrings: expected stop strings, got ${typeof stop}`);
  if (stop === "") throw new RangeError("StopStrings: expected a stop string with a character, got an empty one");
  if (/\p{Surrogate}/u.test(stop)) {
    throw new RangeError(`StopStrings: expected stop strings of whole characters, got ${JSON.stringify(stop)}`);
  }
}
