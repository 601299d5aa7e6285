/**
 * Activation checkpointing (Chen et al. 2016, https://arxiv.org/abs/1604.06174): of a part of a graph only the inputs are kept for the
 * backward pass, which computes the part again. The memory of its activations is there once instead of once for each part, for a
 * third more computation.
 *
 * The part is traced twice, the second time over its inputs behind a barrier that waits for the gradient by its output. Its gradients
 * are let go on only once all of them are known; without that, an engine could put off those by the parameters, which need the
 * activations, to the very end.
 */

import { differentiableLeaves } from "./differentiableLeaves.ts";
import { topologicalOrder } from "./graph.ts";
import { pullback } from "./grad.ts";
import { barrier } from "./ops/barrier.ts";
import { withGradient } from "./ops/withGradient.ts";
import type { Tensor } from "./tensor.ts";
import type { Training } from "./training.ts";

/**
 * `body(...inputs)`, computed again for the gradient instead of kept: the same values and gradients to the bit.
 *
 * Gradients flow to the inputs and to the parameters and float32 inputs of the graph that `body` uses. A tensor that is computed outside
 * belongs among `inputs` where somebody asks for the gradient by it.
 *
 * @param body - Called once now and once by `grad`; it has to make the same tensor of the same inputs.
 * @param training - What `body` draws its dropout masks from, if any: the second time it gets those of the first.
 * @throws Error from `grad` for a body that asks for other inputs or masks the second time.
 *
 * @example
 * ```ts
 * for (const block of blocks) x = checkpoint((input) => block.forward(input, training), [x], training);
 * ```
 */
export function checkpoint(
  body: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  training?: Training,
): Tensor {
  const trace = (): Tensor => body(...inputs);
  const { value, replay } = training?.recorded(trace) ?? { value: trace(), replay: <T>(again: () => T) => again() };
  const sources = inputs.filter(isFloat32);
  const leaves = differentiableLeaves(value, new Set(inputs));
  return withGradient(value, [...sources, ...leaves], (cotangent, needs) => {
    const held = inputs.map((tensor) => barrier(tensor, [cotangent]));
    const again = replay(() => body(...held));
    const known = inputNames(value, inputs);
    const others = [...inputNames(again, [...inputs, ...held])].filter((name) => !known.has(name));
    if (others.length > 0) {
      throw new Error(
        `checkpoint: expected a body that uses the same inputs of the graph each time, got ${others.join(", ")} the second time only; ` +
          "pass the Training that it draws its masks from",
      );
    }
    const by = [...held.filter(isFloat32), ...leaves];
    const wanted = by.filter((_, index) => needs(index));
    const found = new Map(
      pullback(again, cotangent, wanted, new Set(held)).map((gradient, index) => [wanted[index], gradient]),
    );
    const gradients = by.map((tensor) => found.get(tensor));
    const all = gradients.filter((gradient) => gradient !== undefined);
    return gradients.map((gradient, index) => (index < sources.length ? gradient && barrier(gradient, all) : gradient));
  });
}

/** The inputs of the graph that `value` is computed from, up to `ends`. */
function inputNames(value: Tensor, ends: readonly Tensor[]): Set<string> {
  const names = new Set<string>();
  const visit = ({ source }: Tensor): void => {
    if (source.kind === "input") names.add(source.name);
  };
  topologicalOrder([value], visit, "inputs", new Set(ends));
  return names;
}

function isFloat32({ dtype }: Tensor): boolean {
  return dtype === "float32";
}
