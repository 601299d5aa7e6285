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
  readonly #none = new SpecialTokens(new Map());
  /** Place of each special token in id order, to know sets of them by. */
  readonly #places: ReadonlyMap<string, number>;
  /** A finder for each set of special tokens in use, so that a text is scanned for those only. */
  readonly #finders = new Map<string, SpecialTokens>();

  constructor(ids: ReadonlyMap<string, number>) {
    this.all = new SpecialTokens(ids);
    this.#places = new Map([...this.all.ids.keys()].map((token, place) => [token, place]));
  }

  /**
   * Cuts a text at the special tokens that the policy allows.
   *
   * @param caller - Name of the public function, which begins the messages.
   * @throws TypeError if `text` is no string or an option no list; RangeError naming a special token in the text that is refused.
   */
  split(caller: string, text: string, policy: SpecialTokenPolicy = {}): Segment[] {
    if (typeof text !== "string") throw new TypeError(`${caller}: expected a string, got ${describe(text)}`);
    checkPolicy(caller, policy);
    const { allowedSpecial, disallowedSpecial = "all" } = policy;
    const allowed = this.#finderOf(caller, "allowedSpecial", allowedSpecial);
    if (disallowedSpecial === "all") {
      this.#refuse(caller, text, this.#allBut(allowed).find(text, 0));
    } else {
      const refused = tokensOf(caller, "disallowedSpecial", disallowedSpecial);
      this.#refuse(caller, text, this.#finder(refused).find(text, 0));
      for (const token of refused) {
        const start = this.#places.has(token) ? -1 : text.indexOf(token);
        if (start >= 0) this.#refuse(caller, text, { start, end: start + token.length, id: undefined });
      }
    }
    return allowed.split(caller, text);
  }

  #refuse(caller: string, text: string, found: Segment | undefined): void {
    if (found === undefined) return;
    const token = quote(text.slice(found.start, found.end));
    throw new RangeError(
      `${caller}: expected text without the special token ${token}, got it at index ${found.start}; to encode it as the ` +
        `special token pass allowedSpecial: [${token}], to encode it as ordinary text pass disallowedSpecial: []`,
    );
  }

  #finderOf(caller: string, option: string, tokens: "all" | Iterable<string> | undefined): SpecialTokens {
    if (tokens === undefined) return this.#none;
    return tokens === "all" ? this.all : this.#finder(tokensOf(caller, option, tokens));
  }

  #allBut(allowed: SpecialTokens): SpecialTokens {
    if (allowed === this.#none) return this.all;
    if (allowed === this.all) return this.#none;
    return this.#finder([...this.all.ids.keys()].filter((token) => !allowed.ids.has(token)));
  }

  /** A finder for those of the tokens that the encoding has. */
  #finder(tokens: readonly string[]): SpecialTokens {
    if (tokens.length === 0) return this.#none;
    const places = new Set(tokens.map((token) => this.#places.get(token)).filter((place) => place !== undefined));
    if (places.size === 0) return this.#none;
    if (places.size === this.#places.size) return this.all;
    const key = [...places].toSorted((a, b) => a - b).join();
    const known = this.#finders.get(key);
    if (known !== undefined) return known;
    if (this.#finders.size >= FINDERS) this.#finders.clear();
    const finder = new SpecialTokens(new Map([...this.all.ids].filter((_, place) => places.has(place))));
    this.#finders.set(key, finder);
    return finder;
  }
}

/** @throws TypeError if options are given that are no object, such as a list of special tokens. */
function checkPolicy(caller: string, policy: SpecialTokenPolicy): void {
  if (typeof policy === "object" && policy !== null && !(Symbol.iterator in policy)) return;
  throw new TypeError(`${caller}: expected options such as { allowedSpecial: "all" }, got ${describe(policy)}`);
}

function tokensOf(caller: string, option: string, tokens: Iterable<string>): readonly string[] {
  if (typeof tokens !== "object" || tokens === null || !(Symbol.iterator in tokens)) {
    throw new TypeError(
      `${caller}: expected ${option} to be "all" or a list of special tokens, got ${describe(tokens)}`,
    );
  }
  const list = [...tokens];
  for (const token of list) {
    if (typeof token === "string" && token !== "") continue;
    throw new TypeError(`${caller}: expected ${option} to hold special tokens, got ${describe(token)}`);
  }
  return list;
}
