/**
 * A running sum whose rounding error does not grow with the number of terms: Neumaier's variant of Kahan's summation. A
 * million losses added plainly lose the last five or six digits; added like this, about none.
 *
 * See Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen".
 */

/**
 * A sum that keeps what rounding cuts off and adds it at the end.
 *
 * @example
 * ```ts
 * const sum = new CompensatedSum();
 * for (const x of [1, 1e100, 1, -1e100]) sum.add(x);
 * sum.value; // => 2
 * ```
 */
export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  /** Adds `x`. Infinities and NaN make the sum what plain addition makes it. */
  add(x: number): void {
    const sum = this.#sum + x;
    // Of the two terms, the larger is exact in the difference: what is left is what the smaller one lost.
    if (Number.isFinite(sum))
      this.#lost += Math.abs(this.#sum) >= Math.abs(x) ? this.#sum - sum + x : x - sum + this.#sum;
    this.#sum = sum;
  }

  /** The sum so far; 0 before the first term. */
  get value(): number {
    return this.#sum + this.#lost;
  }
}
