/**
 * Which special tokens a text may contain, by tiktoken's rules: the caller allows some, and the spelling of any other is an error unless
 * the caller says that it is ordinary text.
 */

import { describe, quote } from "../describe.ts";
import { type Segment, SpecialTokens } from "../specialTokens.ts";

/** Which special tokens a text may contain. */
export interface SpecialTokenPolicy {
  /**
   * The special tokens whose spelling gives their id.
   *
   * @defaultValue none
   */
  readonly allowedSpecial?: "all" | Iterable<string>;
  /**
   * The special tokens whose spelling is refused; `"all"` means all that are not allowed. An empty list lets them pass as ordinary text.
   *
   * @defaultValue "all"
   */
  readonly disallowedSpecial?: "all" | Iterable<string>;
}

/** Sets of special tokens in use at a time, each with a finder of its own. */
const FINDERS = 16;

/** The special tokens of one encoding, searched for under a policy. */
export class SpecialTokenRules {
  readonly all: SpecialTokens;
  /** A finder for each set of special tokens in use, so that a text is scanned for those only. */
  readonly #finders = new Map<string, SpecialTokens>();

  constructor(ids: ReadonlyMap<string, number>) {
    this.all = new SpecialTokens(ids);
  }

  /**
   * Cuts a text at the special tokens that the policy allows.
   *
   * @param caller - Name of the public function, which begins the messages.
   * @throws TypeError if `text` is no string or an option no list; RangeError naming a special token in the text that is refused.
   */
  split(
    caller: string,
    text: string,
    { allowedSpecial = [], disallowedSpecial = "all" }: SpecialTokenPolicy = {},
  ): Segment[] {
    if (typeof text !== "string") throw new TypeError(`${caller}: expected a string, got ${describe(text)}`);
    const known = this.all.ids;
    const allowed = allowedSpecial === "all" ? new Set(known.keys()) : setOf(caller, "allowedSpecial", allowedSpecial);
    const refused =
      disallowedSpecial === "all"
        ? new Set([...known.keys()].filter((token) => !allowed.has(token)))
        : setOf(caller, "disallowedSpecial", disallowedSpecial);
    this.#refuse(caller, text, refused);
    return this.#finder(allowed).split(caller, text);
  }

  #refuse(caller: string, text: string, refused: ReadonlySet<string>): void {
    const found = this.#finder(refused)
      .split(caller, text)
      .find(({ id }) => id !== undefined);
    const stray = [...refused].find((token) => !this.all.ids.has(token) && text.includes(token));
    const token = found === undefined ? stray : text.slice(found.start, found.end);
    if (token === undefined) return;
    throw new RangeError(
      `${caller}: expected text without the special token ${quote(token)}, got it at index ${text.indexOf(token)}; to encode it as the ` +
        `special token pass allowedSpecial: [${quote(token)}], to encode it as ordinary text pass disallowedSpecial: []`,
    );
  }

  #finder(tokens: ReadonlySet<string>): SpecialTokens {
    const ids = new Map([...this.all.ids].filter(([token]) => tokens.has(token)));
    if (ids.size === this.all.ids.size) return this.all;
    const key = [...ids.keys()].join("\0");
    const known = this.#finders.get(key);
    if (known !== undefined) return known;
    if (this.#finders.size >= FINDERS) this.#finders.clear();
    const finder = new SpecialTokens(ids);
    this.#finders.set(key, finder);
    return finder;
  }
}

function setOf(caller: string, option: string, tokens: Iterable<string>): Set<string> {
  if (typeof tokens === "object" && tokens !== null && Symbol.iterator in tokens) return new Set(tokens);
  throw new TypeError(`${caller}: expected ${option} to be "all" or a list of special tokens, got ${describe(tokens)}`);
}
