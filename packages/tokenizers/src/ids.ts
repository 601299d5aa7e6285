/**
 * What all tokenizers check and do alike with token ids: one range check with one message, and one way to walk over
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
 * Gives something iterable for ids in any accepted form.
 *
 * @param caller - Name of the public function, which begins the message.
 * @param ids - An iterable, or an array-like object.
 * @throws TypeError if `ids` is neither.
 */
export function iterateIds(caller: string, ids: Iterable<number> | ArrayLike<number>): Iterable<number> {
  if (typeof ids === "object" && ids !== null) {
    if (Symbol.iterator in ids) return ids;
    if (typeof ids.length === "number") return arrayLikeValues(ids);
  }
  throw new TypeError(`${caller}: expected an array or iterable of ids, got ${describe(ids)}`);
}

function* arrayLikeValues(ids: ArrayLike<number>): Generator<number> {
  for (let i = 0; i < ids.length; i++) yield ids[i];
}
