/**
 * A vocabulary whose ids are written beside the tokens.
 */

import { quote } from "../../describe.ts";
import { type Fields, toCount } from "../fields.ts";
import type { Vocabulary } from "./model.ts";

/** Ids are 31-bit numbers here; the largest vocabularies have some hundred thousand. */
const MAX_ID = 0x7fffffff;

export class TokenMap implements Vocabulary {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #tokens = new Map<number, string>();

  constructor(ids: ReadonlyMap<string, number>) {
    this.#ids = ids;
    for (const [token, id] of ids) this.#tokens.set(id, token);
  }

  /** Reads the field `vocab`. */
  static read(fields: Fields): TokenMap {
    const vocab = fields.object("vocab");
    const ids = new Map<string, number>();
    for (const [token, id] of Object.entries(vocab.json)) {
      ids.set(token, typeof id === "number" && isId(id) ? id : toCount(`${vocab.path}[${quote(token)}]`, id, MAX_ID));
    }
    return new TokenMap(ids);
  }

  get size(): number {
    return this.#ids.size;
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }

  tokenOf(id: number): string | undefined {
    return this.#tokens.get(id);
  }

  entries(): Iterable<readonly [string, number]> {
    return this.#ids;
  }

  /** In the order of the ids. */
  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#tokens].toSorted((a, b) => a[0] - b[0]).map(([id, token]) => [token, id]));
  }
}

function isId(id: number): boolean {
  return id >= 0 && id <= MAX_ID && Number.isInteger(id);
}
