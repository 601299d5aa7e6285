/**
 * Adds statistics to a graph: of every tapped value, of parameters, and of the gradients that arrive at both.
 *
 * All of them leave the graph in two vectors, so that a run hands out two arrays more, whatever is watched. `summarize` knows what stands
 * where in them.
 */

import {
  concat,
  elementCount,
  grad,
  moments,
  type Parameter,
  reshape,
  type TapKind,
  taps,
  type Tap,
  type Tensor,
} from "@llm-learning/nn-core";
import { attentionEntropy, largestLogit } from "./attention.ts";
import { evenSample } from "./sample.ts";
import { shares } from "./shares.ts";

/** What {@link collect} watches. */
export interface CollectOptions {
  /** Parameters to watch by name, such as `trainableParameters(model)`; those with fewer than two axes get a gradient and no record. */
  parameters?: ReadonlyMap<string, Parameter>;
  /** Bins of every histogram, at least 1. @defaultValue 64 */
  bins?: number;
  /**
   * Most elements of a tensor that histograms and quantiles are made of, at least 1; all other statistics are of all elements. @defaultValue 2048
   */
  sampleSize?: number;
}

/** Where a part of a vector begins, and how long it is. */
export interface Slot {
  readonly start: number;
  readonly length: number;
}

/** Where the statistics of a tensor stand. */
export interface TensorSlots {
  readonly count: number;
  /** In the statistics: mean, std, min, max, NaN count, infinity count. */
  readonly moments: Slot;
  /** In the samples. */
  readonly sample: Slot;
}

/** A watched tensor, and where its statistics stand. */
export interface CollectedTensor {
  readonly name: string;
  readonly kind: TapKind | "parameter";
  readonly value: TensorSlots;
  readonly gradient: TensorSlots | undefined;
  readonly saturated: Slot | undefined;
  readonly dead: Slot | undefined;
  readonly entropy: Slot | undefined;
  readonly largestLogit: Slot | undefined;
}

/** What was added to a graph. */
export interface Collection {
  /** To be outputs of the graph beside the loss. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Gradient of the loss by each of the given parameters, which need not be asked for again. */
  readonly gradients: ReadonlyMap<string, Tensor>;
  /** Taps in the order of computation, then parameters in their own order. */
  readonly tensors: readonly CollectedTensor[];
  readonly bins: number;
}

/** Names of the two outputs. */
export const STATISTICS = "diagnostics.statistics";
export const SAMPLES = "diagnostics.samples";

/**
 * Outputs that describe what happens on the way to `loss`.
 *
 * The loss and the gradients of the graph are the same with them and without. Trace a program of its own with them and run it in place of the
 * plain step whenever a look is wanted: a run without costs nothing then.
 *
 * @param loss - float32 scalar, computed through the taps to be watched.
 * @throws RangeError if `bins` or `sampleSize` is not a whole number of at least 1, or a tapped value has named dimensions; Error if a tap
 * name is used twice.
 *
 * @example
 * ```ts
 * const watch = collect(loss, { parameters: trainableParameters(model) });
 * const program = await compile(engine, graphOf({ loss, ...watch.outputs }));
 * const records = summarize(watch, await program.run(feeds));
 * ```
 */
export function collect(loss: Tensor, options: CollectOptions = {}): Collection {
  const { parameters = new Map<string, Parameter>(), bins = 64, sampleSize = 2048 } = options;
  for (const [name, value] of Object.entries({ bins, sampleSize })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`collect: expected ${name} to be a whole number of at least 1, got ${value}`);
    }
  }
  const tapped = [...taps([loss]).values()];
  const throughLoss = tapped.filter(isOnTheWay);
  const all = grad(loss, [...parameters.values(), ...throughLoss.map(({ tensor }) => tensor)]);
  const gradients = new Map([...parameters.keys()].map((name, index) => [name, all[index]]));
  const tapGradients = new Map(throughLoss.map((tap, index) => [tap, all[parameters.size + index]]));

  const statistics = new Vector();
  const samples = new Vector();
  const slotsOf = (tensor: Tensor): TensorSlots => ({
    count: elementCount(tensor.shape as readonly number[]),
    moments: statistics.append(moments(tensor)),
    sample: samples.append(evenSample(tensor, sampleSize)),
  });
  const tapTensors = tapped.map((tap): CollectedTensor => {
    const { name, kind, value } = tap;
    const gradient = tapGradients.get(tap);
    const { saturated, dead } = shares(value, kind);
    const isAttention = kind === "attention";
    return {
      name,
      kind,
      value: slotsOf(value),
      gradient: gradient && slotsOf(gradient),
      saturated: statistics.appendIfGiven(saturated),
      dead: statistics.appendIfGiven(dead),
      entropy: statistics.appendIfGiven(isAttention ? attentionEntropy(value) : undefined),
      largestLogit: statistics.appendIfGiven(isAttention ? largestLogit(value) : undefined),
    };
  });
  const matrices = [...parameters].filter(([, { shape }]) => shape.length >= 2);
  const parameterTensors = matrices.map(([name, { tensor }]): CollectedTensor => ({
    name,
    kind: "parameter",
    value: slotsOf(tensor),
    gradient: slotsOf(gradients.get(name) as Tensor),
    saturated: undefined,
    dead: undefined,
    entropy: undefined,
    largestLogit: undefined,
  }));
  const tensors = [...tapTensors, ...parameterTensors];
  const outputs = tensors.length === 0 ? {} : { [STATISTICS]: statistics.tensor(), [SAMPLES]: samples.tensor() };
  return { outputs, gradients, tensors, bins };
}

/** Whether the rest of the graph is computed from what is watched, and not from something beside it. */
function isOnTheWay({ tensor, value }: Tap): boolean {
  return untapped(tensor) === untapped(value);
}

/** The tensor that taps pass on. */
function untapped(tensor: Tensor): Tensor {
  const { source } = tensor;
  return source.kind === "node" && source.node.op.name === "tap" ? untapped(source.node.inputs[0]) : tensor;
}

/** Tensors end to end. */
class Vector {
  readonly #parts: Tensor[] = [];
  #length = 0;

  append(part: Tensor): Slot {
    const length = elementCount(part.shape as readonly number[]);
    const slot = { start: this.#length, length };
    this.#parts.push(reshape(part, [length]));
    this.#length += length;
    return slot;
  }

  appendIfGiven(part: Tensor | undefined): Slot | undefined {
    return part && this.append(part);
  }

  tensor(): Tensor {
    return concat(this.#parts);
  }
}
