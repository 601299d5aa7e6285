/** Token ids from outside: each must be one of the model's. */

/** @param where - What the ids are in. @throws RangeError naming the first id that is not an integer from 0 to `vocabSize - 1`. */
export function checkTokenIds(
  caller: string,
  ids: ArrayLike<number> | Iterable<number>,
  { vocabSize, where }: { readonly vocabSize: number; readonly where: string },
): void {
  for (const id of Symbol.iterator in ids ? ids : Array.from(ids)) {
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
    throw new RangeError(`${caller}: expected ids from 0 to ${vocabSize - 1}, got ${String(id)} in ${where}`);
  }
}
