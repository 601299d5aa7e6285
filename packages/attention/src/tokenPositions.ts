/**
 * Positions of those who listen and those who speak, for masks and biases that depend on nothing else.
 *
 * With a KV cache only the last tokens of a text listen, and all of it speaks. Positions are counted inside the graph, so that lengths
 * may be names of dimensions and a mask takes no room in an exported file; where lengths are numbers, a runtime folds it.
 */

import { add, type Dim, expandDims, iota, slice, sub, type Tensor } from "@llm-learning/nn-core";
import { expectSize } from "./graphMask.ts";

/** Who of the tokens listens. */
export interface ListenerOptions {
  /** How many tokens listen, the last ones: T where a KV cache of P tokens makes `tokens` P + T. @defaultValue all */
  listeners?: Dim;
}

/**
 * Positions of `tokens` speakers and of the last `listeners` of them.
 *
 * @returns `speaker` int32 `[tokens]`, `listener` int32 `[listeners, 1]`.
 */
export function tokenPositions(
  name: string,
  tokens: Dim,
  { listeners = tokens }: ListenerOptions,
): { readonly speaker: Tensor; readonly listener: Tensor } {
  for (const [what, dim] of Object.entries({ tokens, listeners })) {
    if (typeof dim === "number") expectSize(name, what, dim);
  }
  const speaker = iota(tokens); // [tokens]
  const column = expandDims(iota(listeners), 1); // [listeners, 1]
  if (tokens === listeners) return { speaker, listener: column };
  if (typeof tokens === "number" && typeof listeners === "number") {
    if (listeners > tokens) {
      throw new RangeError(`${name}: expected at most ${tokens} listeners (tokens), got ${listeners}`);
    }
    return { speaker, listener: add(column, tokens - listeners) };
  }
  const last = (dim: Dim): Tensor => slice(iota(dim), { axis: 0, start: -1 }); // [1]
  return { speaker, listener: add(column, sub(last(tokens), last(listeners))) };
}
