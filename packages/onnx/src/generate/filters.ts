/**
 * Filters: logits in which some tokens are ruled out, with minus infinity in their place. They compose in any order.
 *
 * Unlike in Hugging Face's and nanoGPT's, tokens of equal score at the border of top-k and top-p are not all kept: the lowest
 * ids are, so that exactly k remain and the result is the same everywhere.
 */

import { argmax, tokenProbabilities } from "./distribution.ts";
import { type Border, nucleusBorder } from "./nucleus.ts";

/** Logits in which all but the `k` largest are minus infinity; of equal ones at the border the first stay. */
export function keepTopK(logits: Float32Array, k: number): Float32Array {
  if (k >= logits.length) return logits;
  return keepAbove(logits, logits, topKBorder(logits, k));
}

/**
 * Logits in which only the nucleus is left: the fewest of the most probable tokens that together have probability `p` or
 * more. At least one stays; of equal ones at the border the first.
 *
 * @param temperature - Of the probabilities meant. @defaultValue 1
 * @see Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.1
 */
export function keepTopP(logits: Float32Array, p: number, temperature: number = 1): Float32Array {
  const probabilities = tokenProbabilities(logits, temperature);
  return keepAbove(logits, probabilities, nucleusBorder(probabilities, p));
}

/**
 * Logits in which only tokens at least `p` times as probable as the best one are left: where the model is sure few, where it
 * is not many.
 *
 * @param p - In [0, 1]; 0 keeps all, 1 the best ones.
 * @param temperature - Of the probabilities meant. @defaultValue 1
 * @throws RangeError if a logit is NaN.
 * @see Nguyen et al. 2024, "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs", section 3
 */
export function keepMinP(logits: Float32Array, p: number, temperature: number = 1): Float32Array {
  // exp((logit - largest) / temperature) >= p, without the exponentials.
  const border = logits[argmax(logits)] + temperature * Math.log(p);
  const kept = logits.slice();
  for (let i = 0; i < kept.length; i++) if (!(kept[i] >= border)) kept[i] = -Infinity;
  return kept;
}

/** The border of the `k` largest scores, fewer than there are. */
export function topKBorder(scores: Float32Array, k: number): Border {
  const largest = largestValues(scores, k);
  const [value] = largest;
  return { value, equals: largest.reduce((count, score) => count + (score === value ? 1 : 0), 0) };
}

/** `logits` where the score is on the right side of a border, minus infinity elsewhere; the first of equals stay. */
function keepAbove(logits: Float32Array, scores: Float32Array | Float64Array, { value, equals }: Border): Float32Array {
  const kept = logits.slice();
  let left = equals;
  for (let i = 0; i < kept.length; i++) {
    if (scores[i] > value || (scores[i] === value && left-- > 0)) continue;
    kept[i] = -Infinity;
  }
  return kept;
}

/** The `k` largest values, in the order of a heap: its root, the smallest of them, is what the next larger value replaces. */
function largestValues(values: Float32Array, k: number): Float32Array {
  const heap = values.slice(0, k).sort();
  for (let i = k; i < values.length; i++) {
    const value = values[i];
    if (!(value > heap[0])) continue;
    let at = 0;
    for (let child = 1; child < k; child = 2 * at + 1) {
      if (child + 1 < k && heap[child + 1] < heap[child]) child++;
      if (value <= heap[child]) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
  }
  return heap;
}
