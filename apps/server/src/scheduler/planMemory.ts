/**
 * How several models share the memory of one machine: weights have to fit, slots are made fewer until they do, and the rest is for the
 * prefixes that are remembered.
 */

/** What a model takes, and what it would like to have. */
export interface MemoryWish {
  /** What the model is called, in errors. */
  readonly id: string;
  /** Bytes of its weights. */
  readonly weightBytes: number;
  /** Bytes of cache for each slot. */
  readonly bytesPerSlot: number;
  /** Slots that are wanted, at least 1. */
  readonly slots: number;
  /** Bytes that are wanted for prefixes. */
  readonly prefixBytes: number;
}

/** What a model gets. */
export interface MemoryShare {
  readonly id: string;
  readonly slots: number;
  readonly prefixBytes: number;
  /** Weights, slots and prefixes together. */
  readonly bytes: number;
}

/**
 * Shares memory among models. Every model gets a slot, then each one more in turn until it has as many as it wants; of what is left, each
 * gets the same for prefixes, or what it wants.
 *
 * @param memoryBytes - Memory for all of them.
 * @returns a share for each, in the same order.
 * @throws RangeError where the weights and a slot of each take more than there is.
 */
export function planMemory(wishes: readonly MemoryWish[], memoryBytes: number): MemoryShare[] {
  const least = wishes.reduce((sum, { weightBytes, bytesPerSlot }) => sum + weightBytes + bytesPerSlot, 0);
  if (least > memoryBytes) throw tooLarge(wishes, least, memoryBytes);
  let left = memoryBytes - least;
  const slots = wishes.map(() => 1);
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const [at, wish] of wishes.entries()) {
      if (slots[at] >= wish.slots || wish.bytesPerSlot > left) continue;
      slots[at]++;
      left -= wish.bytesPerSlot;
      isChanged = true;
    }
  }
  const prefixBytes = evenShares(
    wishes.map((wish) => wish.prefixBytes),
    left,
  );
  return wishes.map(({ id, weightBytes, bytesPerSlot }, at) => ({
    id,
    slots: slots[at],
    prefixBytes: prefixBytes[at],
    bytes: weightBytes + slots[at] * bytesPerSlot + prefixBytes[at],
  }));
}

/** The same for each, but to nobody more than wanted: the most modest are served first. */
function evenShares(wanted: readonly number[], amount: number): number[] {
  const shares = wanted.map(() => 0);
  const order = wanted.map((_, at) => at).toSorted((a, b) => wanted[a] - wanted[b]);
  let left = amount;
  for (const [done, at] of order.entries()) {
    shares[at] = Math.min(wanted[at], Math.floor(left / (order.length - done)));
    left -= shares[at];
  }
  return shares;
}

function tooLarge(wishes: readonly MemoryWish[], least: number, memoryBytes: number): RangeError {
  const parts = wishes.map(({ id, weightBytes, bytesPerSlot }) => {
    return `${id}: ${megabytes(weightBytes)} of weights and ${megabytes(bytesPerSlot)} for a slot`;
  });
  return new RangeError(
    `planMemory: expected models that take at most ${megabytes(memoryBytes)}, got ${megabytes(least)} (${parts.join("; ")}); ` +
      "serve fewer models, a file in fewer bits, or a shorter context",
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
