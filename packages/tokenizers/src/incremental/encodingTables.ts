/**
 * Makes the tables that incremental encoding needs of an encoding, once for each: they take a moment and some memory.
 */

import { describe } from "../describe.ts";
import { type Encoding, encodingParts } from "../tiktoken/encoding.ts";
import { MergeTable } from "./mergeTable.ts";
import { PieceTokens } from "./pieceTokens.ts";

const tables = new WeakMap<Encoding, MergeTable>();

/**
 * An empty text that an encoding's tokens are counted in.
 *
 * @throws TypeError if `encoding` is none of this package; RangeError if its tokens are not in the order of their merges.
 */
export function emptyText(caller: string, encoding: Encoding): PieceTokens {
  const parts = encodingParts(encoding);
  if (parts === undefined) throw new TypeError(`${caller}: expected an Encoding, got ${describe(encoding)}`);
  const { tokens, split } = parts;
  let table = tables.get(encoding);
  if (table === undefined) {
    const ids: number[] = [];
    for (let id = 0; id < tokens.size; id++) if (tokens.bytesOf(id).length > 0) ids.push(id);
    table = new MergeTable({ caller, name: encoding.name, ids, bytesOf: (id) => tokens.bytesOf(id) });
    tables.set(encoding, table);
  }
  return new PieceTokens(table, split);
}
