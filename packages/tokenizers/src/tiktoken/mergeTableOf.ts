/**
 * The merges of an encoding, found again from the order of its tokens and checked; once for each encoding, as it takes a moment.
 */

import { MergeTable } from "../bpe/mergeTable.ts";
import { type Encoding, encodingParts } from "./encoding.ts";

const tables = new WeakMap<Encoding, MergeTable>();

/**
 * The merges of an encoding.
 *
 * @param caller - Name of the public function, which begins the message.
 * @throws RangeError if the tokens are not in the order of their merges, or one is not what its own bytes encode to.
 */
export function mergeTableOf(caller: string, encoding: Encoding): MergeTable {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table = new MergeTable(caller, encoding.name, encodingParts(caller, encoding).tokens);
  tables.set(encoding, table);
  return table;
}
