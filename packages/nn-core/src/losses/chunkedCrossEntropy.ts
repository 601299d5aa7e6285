/**
 * Cross-entropy over a large vocabulary, some rows at a time: the scores of all tokens for all classes are never there at once, neither for
 * the loss nor for its gradients.
 *
 * In training the gradients of a chunk are computed beside its loss, as by the kernels of Liger (Hsu et al. 2024,
 * https://arxiv.org/abs/2410.10989), so that nothing is computed twice; elsewhere they are computed from the chunk's scores again where
 * somebody asks for them.
 */

import { constant } from "../constant.ts";
import { differentiableLeaves } from "../differentiableLeaves.ts";
import { pullback } from "../grad.ts";
import { add, div, mul } from "../ops/arithmetic.ts";
import { barrier } from "../ops/barrier.ts";
import { cast } from "../ops/cast.ts";
import { equal, logicalNot } from "../ops/comparison.ts";
import { concat } from "../ops/concat.ts";
import { sum } from "../ops/reduction.ts";
import { reshape } from "../ops/reshape.ts";
import { slice } from "../ops/slice.ts";
import { withGradient } from "../ops/withGradient.ts";
import { elementCount, formatShape, isStatic } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { crossEntropy, type CrossEntropyOptions } from "./crossEntropy.ts";

/** How many rows at a time, and which targets count. */
export interface ChunkedCrossEntropyOptions extends Pick<CrossEntropyOptions, "ignoreIndex"> {
  /** Rows of a chunk, an integer >= 1; the last may have fewer. */
  rows: number;
  /** Compute the gradients by `hidden` and by trainable parameters beside the loss. @defaultValue false: where they are asked for */
  training?: boolean;
}

/**
 * The mean of `crossEntropy(scores(hidden), targets)` over the targets that count, to the rounding of sums in another order.
 *
 * @param hidden - float32 `[..., C]`, of sizes that are numbers.
 * @param targets - int32 or int64 `[...]`.
 * @param scores - Makes logits `[n, V]` of rows `[n, C]`, each of its own row alone; it draws no dropout masks.
 * @throws RangeError for `rows` that is no integer >= 1, or shapes that do not fit, are not numbers or have no row.
 *
 * @example
 * ```ts
 * const loss = chunkedCrossEntropy(hidden, targets, (rows) => linear(rows, weight), { rows: 512, training: true });
 * ```
 */
export function chunkedCrossEntropy(
  hidden: Tensor,
  targets: Tensor,
  scores: (rows: Tensor) => Tensor,
  options: ChunkedCrossEntropyOptions,
): Tensor {
  const { rows, training = false } = options;
  const ignoreIndex = "ignoreIndex" in options ? options.ignoreIndex : -100;
  if (!Number.isSafeInteger(rows) || rows < 1) {
    throw new RangeError(`chunkedCrossEntropy: expected rows to be an integer >= 1, got ${rows}`);
  }
  const { shape } = hidden;
  if (!isStatic(shape) || shape.length < 1 || formatShape(shape.slice(0, -1)) !== formatShape(targets.shape)) {
    throw new RangeError(
      `chunkedCrossEntropy: expected hidden [...targets, C] of sizes that are numbers, got hidden ${formatShape(shape)} and ` +
        `targets ${formatShape(targets.shape)}`,
    );
  }
  const N = elementCount(shape.slice(0, -1));
  if (N === 0) throw new RangeError(`chunkedCrossEntropy: expected at least one row, got hidden ${formatShape(shape)}`);
  const C = shape[shape.length - 1];
  // A tensor of its own: where one chunk has all rows, its rows are not to be taken for what `scores` uses besides them.
  const all = withGradient(reshape(hidden, [N, C]), [hidden], (gradient) => [reshape(gradient, shape)]);
  const flatTargets = reshape(targets, [N]);
  const counted =
    ignoreIndex === undefined ? constant(N) : sum(cast(logicalNot(equal(flatTargets, ignoreIndex)), "float32"));
  const chunks = Array.from({ length: Math.ceil(N / rows) }, (_, index): Chunk => {
    const range = { axis: 0, start: index * rows, end: Math.min((index + 1) * rows, N) };
    const asked = slice(flatTargets, range);
    return {
      hidden: slice(all, range), // [n, C]
      loss: (part) => crossEntropy(scores(part), asked, { ignoreIndex, reduction: "sum" }),
    };
  });

  const leaves = differentiableLeaves(chunks[0].loss(chunks[0].hidden), new Set([chunks[0].hidden]));
  const isLearned = ({ source }: Tensor): boolean => source.kind !== "parameter" || source.parameter.trainable;
  const learned = leaves.filter(isLearned);
  const early = training ? oneByOne(chunks, div(1, counted), learned) : undefined;
  const loss = early?.loss ?? oneByOne(chunks).loss;
  return withGradient(div(loss, counted), [hidden, ...leaves], (cotangent, needs) => {
    const wanted = leaves.filter((_, index) => needs(1 + index));
    const isReady = early !== undefined && wanted.every(isLearned);
    const by = isReady ? learned : wanted;
    const found = isReady ? early : oneByOne(after(chunks, cotangent), div(cotangent, counted), by);
    const scaled = (gradient: Tensor): Tensor => (isReady && !isOne(cotangent) ? mul(gradient, cotangent) : gradient);
    return [
      needs(0) ? scaled(reshape(concat(found.rows, { axis: 0 }), shape)) : undefined,
      ...leaves.map((leaf, index) => {
        const gradient = needs(1 + index) ? found.sums[by.indexOf(leaf)] : undefined;
        return gradient && scaled(gradient);
      }),
    ];
  });
}

/** Some rows, and the sum of their losses as a function of them. */
interface Chunk {
  readonly hidden: Tensor;
  readonly loss: (hidden: Tensor) => Tensor;
}

/** What one pass over all chunks gives. */
interface Pass {
  /** Sum of the losses. */
  readonly loss: Tensor;
  /** Gradient by the rows of each chunk. */
  readonly rows: readonly Tensor[];
  /** Gradients by the leaves; undefined for one that no loss depends on. */
  readonly sums: readonly (Tensor | undefined)[];
}

/**
 * Loss and, given the gradient by the sum of the losses, gradients: a chunk is begun once the one before is done with, gradients
 * added up.
 */
function oneByOne(chunks: readonly Chunk[], cotangent?: Tensor, leaves: readonly Tensor[] = []): Pass {
  let loss: Tensor | undefined;
  let sums: (Tensor | undefined)[] = leaves.map(() => undefined);
  const rows: Tensor[] = [];
  let done: Tensor[] = [];
  for (const chunk of chunks) {
    const hidden = done.length === 0 ? chunk.hidden : barrier(chunk.hidden, done);
    const part = chunk.loss(hidden);
    loss = loss === undefined ? part : add(loss, part);
    done = [loss];
    if (cotangent === undefined) continue;
    const [byRows, ...byLeaves] = pullback(part, cotangent, [hidden, ...leaves], new Set([hidden]));
    rows.push(byRows!);
    sums = byLeaves.map((gradient, index) => {
      const sumSoFar = sums[index];
      return sumSoFar === undefined || gradient === undefined ? (gradient ?? sumSoFar) : add(sumSoFar, gradient);
    });
    done = [loss, byRows!, ...sums.filter((one) => one !== undefined)];
  }
  return { loss: loss!, rows, sums };
}

/** The chunks, the first of them held back until `cotangent` is known. */
function after([first, ...others]: readonly Chunk[], cotangent: Tensor): Chunk[] {
  return [{ ...first, hidden: barrier(first.hidden, [cotangent]) }, ...others];
}

function isOne({ source }: Tensor): boolean {
  return source.kind === "constant" && source.exact === 1;
}
