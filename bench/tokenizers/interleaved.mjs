// Runs contestants by turns, so that whatever else the machine does falls on all of them, and gives the median of each.

/**
 * @param {readonly { readonly name: string, readonly run: () => number | Promise<number> }[]} contestants - `run` gives its seconds.
 * @param {number} rounds
 * @returns {Promise<Map<string, number>>} Median seconds by name.
 */
export async function interleaved(contestants, rounds) {
  const seconds = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another contestant.
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, run } = contestants[(round + turn) % contestants.length];
      seconds.get(name).push(await run());
    }
  }
  return new Map([...seconds].map(([name, values]) => [name, median(values)]));
}

/** Seconds that a function takes. */
export function timed(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
