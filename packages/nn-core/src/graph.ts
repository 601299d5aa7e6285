/**
 * Graphs: named outputs, and everything they are computed from.
 */

import type { DType } from "./dtype.ts";
import type { Parameter } from "./parameter.ts";
import { formatShape, sameShape, type Shape } from "./shape.ts";
import { input, type Node, type Tensor } from "./tensor.ts";

/** Named outputs, and everything they are computed from. */
export interface Graph {
  /** Inputs by name: the declared ones in their order, then others that the outputs need. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Every node that the outputs need, each after the nodes it depends on. */
  readonly nodes: readonly Node[];
  /** Every parameter that the outputs need, in the order of first use. */
  readonly parameters: readonly Parameter[];
}

/** Shape and dtype of an input. @defaultValue dtype float32 */
export interface InputSpec {
  readonly shape: Shape;
  readonly dtype?: DType;
}

/**
 * Traces `body`: calls it once with symbolic inputs and collects the graph of what it returns.
 *
 * @example
 * ```ts
 * const graph = trace({ x: { shape: ["batch_size", 4] } }, ({ x }) => ({ y: linear.forward(x) }));
 * ```
 */
export function trace<I extends Record<string, InputSpec>>(
  inputs: I,
  body: (inputs: { readonly [K in keyof I]: Tensor }) => Record<string, Tensor>,
): Graph {
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)]),
  ) as { [K in keyof I]: Tensor };
  return graphOf(body(tensors), Object.values(tensors));
}

/**
 * The graph that computes `outputs`.
 *
 * @param declared - Inputs that belong to the graph whether or not an output needs them, in order.
 * @throws Error if two different inputs share a name.
 */
export function graphOf(outputs: Readonly<Record<string, Tensor>>, declared: readonly Tensor[] = []): Graph {
  const inputs = new Map<string, Tensor>();
  const parameters = new Set<Parameter>();
  const visitLeaf = (tensor: Tensor): void => {
    const { source, shape, dtype } = tensor;
    if (source.kind === "parameter") parameters.add(source.parameter);
    if (source.kind !== "input") return;
    const known = inputs.get(source.name);
    if (known !== undefined && known !== tensor && !(sameShape(known.shape, shape) && known.dtype === dtype)) {
      throw new Error(
        `graphOf: expected one input named "${source.name}", got two: ` +
          `${known.dtype} ${formatShape(known.shape)} and ${dtype} ${formatShape(shape)}`,
      );
    }
    if (known === undefined) inputs.set(source.name, tensor);
  };
  for (const tensor of declared) visitLeaf(tensor);
  const nodes = topologicalOrder(Object.values(outputs), visitLeaf);
  return { inputs, outputs: new Map(Object.entries(outputs)), nodes, parameters: [...parameters] };
}

/**
 * Nodes that `tensors` need, dependencies first; depth first without recursion, so that deep graphs cannot overflow.
 *
 * @param edges - "differentiable": the nodes that gradients by `tensors` pass through. @defaultValue "inputs"
 * @param ends - Tensors that are leaves, whatever they are computed from. @defaultValue none
 */
export function topologicalOrder(
  tensors: readonly Tensor[],
  onLeaf?: (leaf: Tensor) => void,
  edges: "inputs" | "differentiable" = "inputs",
  ends: ReadonlySet<Tensor> = new Set(),
): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const leaves = new Set<Tensor>();
  for (const root of tensors) {
    const stack: { tensor: Tensor; next: number }[] = [{ tensor: root, next: 0 }];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const { source } = frame.tensor;
      if (source.kind !== "node" || ends.has(frame.tensor)) {
        if (!leaves.has(frame.tensor)) onLeaf?.(frame.tensor);
        leaves.add(frame.tensor);
        stack.pop();
      } else if (done.has(source.node)) {
        stack.pop();
      } else if (frame.next < source.node[edges].length) {
        stack.push({ tensor: source.node[edges][frame.next++], next: 0 });
      } else {
        done.add(source.node);
        order.push(source.node);
        stack.pop();
      }
    }
  }
  return order;
}
