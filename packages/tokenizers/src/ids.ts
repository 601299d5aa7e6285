/**
 * What all tokenizers check and do alike with token ids: one range check with one message, and one way to read
 * arrays, typed arrays and iterables.
 */

import { describe } from "./describe.ts";

/**
 * Checks one token id.
 *
 * @param caller - Name of the public function, which begins the message.
 * @param id - The id to check.
 * @param vocabSize - Number of ids.
 * @throws TypeError if `id` is a bigint, as int64 tensors hold; RangeError if it is not an integer in range.
 */
export function checkId(caller: string, id: number, vocabSize: number): void {
  if (typeof id === "bigint") {
    throw new TypeError(
      `${caller}: expected ids of type number, got the bigint ${String(id)}n; convert with Number(id)`,
    );
  }
  if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
    throw new RangeError(
      `${caller}: expected an integer id from 0 to ${vocabSize - 1} (vocabSize ${vocabSize}), got ${describe(id)}`,
    );
  }
}

/**
 * Gives ids in any accepted form by index; plain loops over an index are several times as fast as iterators.
 *
 * @param caller - Name of the public function, which begins the message.
 * @param ids - An array, a typed array, an array-like object or an iterable.
 * @throws TypeError if `ids` is none of these.
 */
export function indexedIds(caller: string, ids: Iterable<number> | ArrayLike<number>): ArrayLike<number> {
  if (typeof ids === "object" && ids !== null) {
    if ("length" in ids && typeof ids.length === "number") return ids;
    if (Symbol.iterator in ids) return Array.from(ids);
  }
  throw new TypeError(`${caller}: expected an array or iterable of ids, got ${describe(ids)}`);
}

/**
 * What is given as a list: an array, or any other iterable that is no string.
 *
 * @param caller - Name of the public function, which begins the message.
 * @param items - What the list should hold, for the message.
 * @throws TypeError if `list` is neither.
 */
export function listOf<T>(caller: string, items: string, list: Iterable<T>): readonly T[] {
  if (Array.isArray(list)) return list;
  if (typeof list === "object" && list !== null && Symbol.iterator in list) return [...list];
  throw new TypeError(`${caller}: expected a list of ${items}, got ${describe(list)}`);
}
