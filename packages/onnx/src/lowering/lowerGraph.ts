/**
 * Lowers a graph of nn-core to an ONNX model.
 *
 * Each node is handed to its op's lowering; what the outputs do not need is dropped. The same function serves training
 * (parameters are inputs, fed anew at every run) and export (parameters are part of the file).
 */

import type { Graph, Node, OpName, Parameter, Tensor } from "@llm-learning/nn-core";
import type { OnnxModel, OnnxNode } from "../format/model.ts";
import type { OnnxValueInfo } from "../format/valueInfo.ts";
import { GraphBuilder } from "./graphBuilder.ts";
import { type LastTokens, lastTokens, type LastTokensOptions } from "./lastTokens.ts";
import type { Lowering } from "./lowering.ts";
import { lowerings } from "./lowerings.ts";

/** Options of {@link lowerGraph}. */
export interface LowerGraphOptions {
  /** Name of the ONNX graph. @defaultValue "graph" */
  name?: string;
  /** Whether parameters are inputs of the model, fed at each run, or initializers stored in it. */
  parameters: "inputs" | "initializers";
  /** A name for each parameter, for instance its path in the model. @defaultValue parameter_0, parameter_1, ... */
  parameterNames?: ReadonlyMap<Parameter, string>;
  /** Whether ONNX Runtime's own operators may be used; without them the model is standard ONNX. */
  contrib: boolean;
  /**
   * Whether attention over a cache that is an input becomes ONNX Runtime's GroupQueryAttention, which can read and write that cache in
   * place, in a buffer longer than it. Two things are then given up: several new tokens behind a cache that is not empty
   * are taken from one row at a time only, and what a query hears that may attend no key, as padding, is not zeros but anything
   * finite. Needs `contrib`. @defaultValue false
   */
  inPlaceCache?: boolean;
  /** How many threads will run the model, where its results are to have the same bits with any number. @defaultValue they need not */
  threads?: number | undefined;
  /** An output of which the last tokens alone may be asked for. @defaultValue none */
  lastTokens?: LastTokensOptions;
  /** Version of the standard operators, at least 20. @defaultValue 21 */
  opset?: number;
  /** Free key-value pairs for the file. */
  metadata?: Readonly<Record<string, string>>;
}

/** A model, and what its names stand for. */
export interface LoweredGraph {
  readonly model: OnnxModel;
  /** Name of each parameter among the model's inputs or initializers. */
  readonly parameters: ReadonlyMap<Parameter, string>;
  /** Name among the model's outputs of each output of the graph; they differ where an input has the same name. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The node of the graph that each node of the model, by its name, was made for first; copies to outputs have none. */
  readonly sources: ReadonlyMap<string, Node>;
}

/**
 * The ONNX model that computes the outputs of `graph`.
 *
 * Initializers are views of the parameters' arrays, not copies: encode the model before the parameters change.
 *
 * @throws RangeError for an opset that lacks operators used here, or a named dimension that no input has.
 */
export function lowerGraph(graph: Graph, options: LowerGraphOptions): LoweredGraph {
  const { name = "graph", contrib, inPlaceCache = false, opset = 21, metadata = {}, threads } = options;
  if (!Number.isInteger(opset) || opset < 20) {
    throw new RangeError(`lowerGraph: expected an opset of at least 20 (it brought Gelu), got ${opset}`);
  }
  if (inPlaceCache && !contrib) {
    throw new RangeError("lowerGraph: expected inPlaceCache only where contrib is true, got it without");
  }
  const builder = new GraphBuilder({ contrib, inPlaceCache, threads });
  const values = new Map<Tensor, string>();
  const inputs = lowerInputs(graph, builder);
  const last = options.lastTokens && lastTokens(graph, builder, options.lastTokens);
  const parameters = lowerParameters(graph, builder, options);
  const outputNames = new Map([...graph.outputs.keys()].map((output) => [output, builder.claim(output)]));

  const valueOf = (tensor: Tensor): string => {
    const { source, shape, dtype } = tensor;
    if (source.kind === "input") return source.name;
    if (source.kind === "parameter") return parameters.get(source.parameter) as string;
    if (source.kind === "constant") return builder.constant(source.data, shape as readonly number[], dtype);
    return builder.current(values.get(tensor) as string);
  };
  const sources = lowerNodes(graph, builder, { values, valueOf, last });

  const results = [...graph.outputs].map(([key, tensor]) => ({
    info: { name: outputNames.get(key) as string, dataType: tensor.dtype, shape: tensor.shape },
    value:
      last !== undefined && last.reader === undefined && key === options.lastTokens?.output
        ? last.select(valueOf(tensor))
        : valueOf(tensor),
  }));
  const nodes = nameOutputs(
    builder,
    results.map(({ info, value }) => [info.name, value]),
  );
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const valueInfos = builder.valueInfos.filter(({ name: value }) => used.has(value));
  const parameterInfos = options.parameters === "inputs" ? [...parameters].map(parameterInfo) : [];
  return {
    parameters,
    outputs: outputNames,
    sources,
    model: {
      irVersion: 10,
      opsetImports: [{ domain: "", version: opset }, ...(contrib ? [{ domain: "com.microsoft", version: 1 }] : [])],
      producerName: "llm-learning",
      metadata,
      graph: {
        name,
        nodes,
        inputs: [...inputs, ...(last ? [last.input] : []), ...parameterInfos],
        outputs: results.map(({ info }) => info),
        ...(valueInfos.length > 0 && { valueInfos }),
        initializers: [
          ...(last ? [last.initializer] : []),
          ...builder.initializers.filter((tensor) => used.has(tensor.name)),
        ],
      },
    },
  };
}

function lowerInputs(graph: Graph, builder: GraphBuilder): OnnxValueInfo[] {
  return [...graph.inputs].map(([name, { shape, dtype }]) => {
    builder.claim(name);
    builder.dims.bind(name, shape);
    return { name, dataType: dtype, shape };
  });
}

function lowerParameters(graph: Graph, builder: GraphBuilder, options: LowerGraphOptions): Map<Parameter, string> {
  const names = new Map<Parameter, string>();
  graph.parameters.forEach((parameter, index) => {
    const wanted = options.parameterNames?.get(parameter) ?? `parameter_${index}`;
    const { data, shape } = parameter;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const isInput = options.parameters === "inputs";
    names.set(parameter, isInput ? builder.claim(wanted) : builder.initializer(wanted, bytes, shape, "float32"));
  });
  return names;
}

function parameterInfo([{ shape }, name]: readonly [Parameter, string]): OnnxValueInfo {
  return { name, dataType: "float32", shape };
}

/** The values of tensors while nodes are lowered. */
interface Values {
  readonly values: Map<Tensor, string>;
  readonly valueOf: (tensor: Tensor) => string;
  readonly last: LastTokens | undefined;
}

function lowerNodes(graph: Graph, builder: GraphBuilder, { values, valueOf, last }: Values): Map<string, Node> {
  const sources = new Map<string, Node>();
  const used = new Set<Tensor>([...graph.outputs.values(), ...graph.nodes.flatMap((node) => node.inputs)]);
  // What is computed a second time behind a barrier has to be the same to the bit: it gets the same operators, though other things read it.
  const repeats = graph.nodes.some(({ op }) => op.name === "barrier");
  const counts = new Map<string, number>();
  for (const node of graph.nodes) {
    const { op, attributes, inputs, outputs } = node;
    const count = counts.get(op.name) ?? 0;
    counts.set(op.name, count + 1);
    builder.scope = `${op.name}_${count}`;
    const before = builder.nodes.length;
    const lowered = loweringOf(node)({
      graph: builder,
      inputs: inputs.map((tensor) => {
        const isCut = node === last?.reader && tensor === last.cut;
        return isCut ? last.select(valueOf(tensor)) : valueOf(tensor);
      }),
      inputTypes: inputs,
      operands: inputs,
      valueOf,
      outputTypes: outputs,
      attributes,
      isUsed: (index) => repeats || used.has(outputs[index]),
    });
    const names = typeof lowered === "string" ? [lowered] : lowered;
    names.forEach((name, index) => values.set(outputs[index], name));
    for (const { name = "" } of builder.nodes.slice(before)) sources.set(name, node);
  }
  return sources;
}

/** The row of the table; that it takes this node's attributes is what the table's type says for every op. */
function loweringOf(node: Node): Lowering<OpName> {
  return lowerings[node.op.name] as Lowering<OpName>;
}

/** The nodes that `outputs` need, with values renamed to the outputs they are; a value that cannot be is copied. */
function nameOutputs(builder: GraphBuilder, outputs: readonly (readonly [name: string, value: string])[]): OnnxNode[] {
  const produced = new Set(builder.nodes.flatMap((node) => node.outputs));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const [name, value] of outputs) {
    if (produced.has(value) && !renamed.has(value)) {
      renamed.set(value, name);
    } else {
      const input = renamed.get(value) ?? value;
      copies.push({ opType: "Identity", name: `${name}/Identity`, inputs: [input], outputs: [name], attributes: {} });
    }
  }
  const needed = new Set(outputs.map(([, value]) => value));
  const nodes: OnnxNode[] = [];
  for (const node of builder.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) if (input !== "") needed.add(input);
    const rename = (value: string): string => renamed.get(value) ?? value;
    nodes.push({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) });
  }
  return [...nodes.reverse(), ...copies];
}
