/**
 * What a program does at each run: the nodes in order, and after each the values that nothing needs any more.
 */

import type { Dim, Graph, Node, OpName, Tensor } from "@llm-learning/nn-core";
import type { LoweringContext } from "./lowerings/lowering.ts";
import { lowerings } from "./lowerings/lowerings.ts";
import type { TensorFlow, TfTensor } from "./tensorFlow.ts";
import { toTensorFlow } from "./values.ts";

/** The order of a graph's computation. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly outputs: readonly Tensor[];
}

interface Step {
  readonly node: Node;
  readonly isUsed: readonly boolean[];
  /** Inputs and outputs of the node that no later node reads, nor the graph gives. */
  readonly freed: readonly Tensor[];
}

/** What one run is given. */
export interface RunContext {
  readonly tf: TensorFlow;
  /** Value of an input or a parameter. */
  upload(leaf: Tensor): TfTensor;
  resolve(dim: Dim): number;
  /** The tensor that `make` gives, kept by the program under `key`. */
  constant(key: unknown, make: () => TfTensor): TfTensor;
}

/** The plan of a graph. */
export function plan(graph: Graph): Plan {
  const outputs = [...graph.outputs.values()];
  const lastUse = new Map<Tensor, number>();
  graph.nodes.forEach((node, position) => {
    for (const tensor of [...node.inputs, ...node.outputs]) lastUse.set(tensor, position);
  });
  const read = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...outputs]);
  const kept = new Set(outputs);
  const steps = graph.nodes.map((node, position): Step => {
    const touched = new Set([...node.inputs, ...node.outputs]);
    const freed = [...touched].filter((tensor) => lastUse.get(tensor) === position && !kept.has(tensor));
    return { node, isUsed: node.outputs.map((output) => read.has(output)), freed };
  });
  return { steps, outputs };
}

/** Runs a plan; the results belong to the caller, and nothing else is left. */
export function runPlan({ steps, outputs }: Plan, context: RunContext): TfTensor[] {
  const { tf } = context;
  // Whatever fails, the outer tidy frees what was made; the inner ones free a lowering's intermediates at once.
  return tf.tidy(() => {
    const values = new Map<Tensor, TfTensor>();
    const read = (tensor: Tensor): TfTensor => {
      const { source, dtype, shape } = tensor;
      if (source.kind === "constant") {
        const value = { dtype, shape: shape as readonly number[], data: source.data };
        return context.constant(tensor, () => toTensorFlow(tf, value));
      }
      const value = values.get(tensor) ?? context.upload(tensor);
      values.set(tensor, value);
      return value;
    };
    for (const { node, isUsed, freed } of steps) {
      const results = runNode(node, node.inputs.map(read), isUsed, context);
      node.outputs.forEach((output, index) => {
        const result = results[index];
        if (result !== undefined) values.set(output, result);
      });
      for (const tensor of freed) {
        values.get(tensor)?.dispose();
        values.delete(tensor);
      }
    }
    return outputs.map((tensor) => tf.clone(read(tensor)));
  });
}

function runNode<K extends OpName>(
  node: Node<K>,
  inputs: readonly TfTensor[],
  isUsed: readonly boolean[],
  { tf, resolve, constant }: RunContext,
): (TfTensor | undefined)[] {
  const shared = new Set(inputs);
  const lowering: LoweringContext<K> = {
    tf,
    inputs,
    attributes: node.attributes,
    resolve,
    isUsed: (index) => isUsed[index],
    constant: (key, make) => {
      const tensor = constant(key, make);
      shared.add(tensor);
      return tensor;
    },
  };
  const owned: (TfTensor | undefined)[] = [];
  tf.tidy(() => {
    const results = [lowerings[node.op.name](lowering)].flat();
    // Each value is freed by itself, so what is somebody else's is handed out as another handle of the same memory.
    for (const result of results) owned.push(result !== undefined && shared.has(result) ? tf.clone(result) : result);
    return owned.filter((result) => result !== undefined);
  });
  return owned;
}
