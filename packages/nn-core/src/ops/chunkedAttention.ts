/**
 * Attention a chunk of queries at a time, so that the scores of all pairs are never there at once: neither in the forward pass nor, as in
 * FlashAttention (Dao et al. 2022, https://arxiv.org/abs/2205.14135), in the backward pass, which computes those of a chunk again.
 *
 * A chunk hears only the keys that one of its queries reaches: `causal` leaves half of all pairs, a window a stripe whose area grows
 * with the length. Each row is the softmax that it is without chunks, over the same scores: nothing is merged, so no running maximum is
 * needed. What is as large as all pairs stays so: a mask or bias that was given for each of them, and the mask of dropout.
 */

import { apply } from "../op.ts";
import type { OpAttributes } from "../opAttributes.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { attentionOp } from "./attentionOp.ts";
import type { AttentionApplication } from "./attentionOptions.ts";
import { type Chunk, chunksOf, cut, type PairAxes, pairAxes, placed } from "./attentionChunks.ts";
import { cast } from "./cast.ts";
import { less, lessEqual, logicalAnd } from "./comparison.ts";
import { concat } from "./concat.ts";
import { iota } from "./iota.ts";
import { expandDims, reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { abs } from "./unary.ts";
import { where } from "./where.ts";
import { withGradient } from "./withGradient.ts";

type Attributes = OpAttributes["scaledDotProductAttention"];

/** Which inputs of the op these are. */
const [KEYS, VALUES] = [1, 2];

/**
 * The output of an application of `scaledDotProductAttention`, `chunk` queries at a time.
 *
 * @param lengths - Tq and Tk.
 * @param chunk - An integer >= 1.
 * @returns `[B, H, Tq, Dv]`
 */
export function chunkedAttention(
  { inputs, attributes }: AttentionApplication,
  lengths: readonly [Tq: number, Tk: number],
  chunk: number,
): Tensor {
  const chunks = chunksOf(lengths, chunk, attributes);
  const axes = pairAxes(inputs, attributes.operands);
  const parts = chunks.map((one) => attend(inputs, attributes, axes, one).outputs[0]); // [B, H, chunk, Dv] each
  const output = concat(parts, { axis: 2 }); // [B, H, Tq, Dv]
  return withGradient(output, inputs, (cotangent, needs) => {
    const gradients = inputs.map((_, index) => new Gathered(axes[index]));
    let latest: readonly Tensor[] = [cotangent];
    for (const one of chunks.toReversed()) {
      // Engines run what can be run, and compute the same thing once: without this they would compute the scores of all chunks
      // first, or keep those of the forward pass. Everything of a chunk that is large needs its keys or its values.
      const ready = zeroAfter(latest);
      const again = inputs.map((tensor, index) => (index === KEYS || index === VALUES ? add(tensor, ready) : tensor));
      const node = attend(again, attributes, axes, one);
      const incoming = attentionOp.vjp!({
        ...node,
        outputs: [cut(output, { queries: 2 }, one), node.outputs[1]],
        cotangents: [cut(cotangent, { queries: 2 }, one), undefined],
        needs: (index) => index < inputs.length && needs(index),
      });
      latest = gradients.flatMap((gathered, index) => {
        const part = incoming[index];
        return part === undefined ? [] : gathered.add(placed(part, axes[index], one, lengths));
      });
    }
    return gradients.map((gathered) => gathered.total());
  });
}

/** One chunk's queries over the keys that they reach, as a node: operands, attributes, and `[output, probabilities]`. */
function attend(
  inputs: readonly Tensor[],
  attributes: Attributes,
  axes: readonly PairAxes[],
  chunk: Chunk,
): AttentionApplication & { readonly outputs: readonly Tensor[] } {
  const own = inputs.map((tensor, index) => cut(tensor, axes[index], chunk));
  const application = chunk.endTogether ? { inputs: own, attributes } : withReach(own, attributes, chunk);
  return { ...application, outputs: apply(attentionOp, application.inputs, application.attributes) };
}

/** The same with who reaches whom said by an operand: the op counts positions from the last query and key, which are not the same here. */
function withReach(inputs: readonly Tensor[], attributes: Attributes, { queries, keys }: Chunk): AttentionApplication {
  const { causal, window, operands } = attributes;
  // Numbers alone would be folded when a model is opened, and all of them kept.
  const zero = cast(less(firstOf(inputs[KEYS]), -Infinity), "int32");
  const first = add(zero, queries.position - keys.start); // where the first query stands among the keys
  const query = add(expandDims(iota(queries.end - queries.start), 1), first); // [chunk, 1]
  const ahead = sub(iota(keys.end - keys.start), query); // [chunk, keys]
  const allowed = [
    ...(causal ? [lessEqual(ahead, 0)] : []),
    ...(window === undefined ? [] : [less(abs(ahead), window)]),
  ].reduce(logicalAnd);
  const plain = { ...attributes, causal: false, window: undefined };
  // A bias is cheaper than a mask, but cannot say that a query reaches nobody: each has to reach the key that it stands beside.
  const reachesItself = queries.position >= 0 && !operands.includes("mask");
  if (reachesItself && !operands.includes("bias")) {
    return {
      inputs: [...inputs, where(allowed, 0, HIDDEN)],
      attributes: { ...plain, operands: [...operands, "bias"] },
    };
  }
  const given = operands.indexOf("mask");
  if (given === -1) return { inputs: [...inputs, allowed], attributes: { ...plain, operands: [...operands, "mask"] } };
  return { inputs: inputs.with(3 + given, logicalAnd(inputs[3 + given], allowed)), attributes: plain };
}

/** Far below any score, and finite. */
const HIDDEN = -1e30;

/** A scalar 0 that is there once all of `tensors` are. */
function zeroAfter(tensors: readonly Tensor[]): Tensor {
  return mul(tensors.map(firstOf).reduce(add), 0);
}

/** The first element of a tensor, as a scalar. */
function firstOf(tensor: Tensor): Tensor {
  return reshape(
    tensor.shape.reduce<Tensor>((x, _, axis) => slice(x, { axis, end: 1 }), tensor),
    [],
  );
}

/** The gradient by one operand, gathered from the last chunk to the first: rows behind one another, or a sum. */
class Gathered {
  readonly #axes: PairAxes;
  readonly #rows: Tensor[] = [];
  #sum: Tensor | undefined;

  constructor(axes: PairAxes) {
    this.#axes = axes;
  }

  /** Takes a chunk's part, and returns what there is to wait for until it is done. */
  add(part: Tensor): Tensor {
    if (this.#axes.queries !== undefined) {
      this.#rows.unshift(part);
      return part;
    }
    this.#sum = this.#sum === undefined ? part : add(this.#sum, part);
    return this.#sum;
  }

  /** Undefined where no part came. */
  total(): Tensor | undefined {
    return this.#rows.length === 0 ? this.#sum : concat(this.#rows, { axis: this.#axes.queries! });
  }
}
