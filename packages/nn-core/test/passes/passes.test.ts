import {
  add,
  broadcastTo,
  cast,
  concat,
  constant,
  div,
  exp,
  flattenRows,
  foldConstants,
  gelu,
  grad,
  type Graph,
  graphOf,
  input,
  iota,
  layerNorm,
  less,
  linear,
  logicalNot,
  mean,
  mergeEqualNodes,
  mul,
  neg,
  optimizeGraph,
  pad,
  Parameter,
  pow,
  referenceEngine,
  reshape,
  rewriteGraph,
  simplify,
  slice,
  softmax,
  split,
  sub,
  sum,
  tanh,
  tap,
  type Tensor,
  transpose,
  where,
  withGradient,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const x = input("x", [2, 3]);

function ops({ nodes }: Graph): string[] {
  return nodes.map(({ op }) => op.name);
}

/** What the output `y` of a graph is after a pass: an op's name, a leaf's kind, or a constant's elements. */
function result(pass: (graph: Graph) => Graph, y: Tensor): unknown {
  const { source } = pass(graphOf({ y })).outputs.get("y") as Tensor;
  if (source.kind === "constant") return [...source.data];
  return source.kind === "node" ? source.node.op.name : source.kind;
}

async function run(graph: Graph): Promise<Record<string, number[]>> {
  const feeds = { x: Float32Array.of(0.5, -1, 2, -0, 1e-40, 3) };
  const program = await referenceEngine().compile(graph);
  const outputs = await program.run(graph.inputs.has("x") ? feeds : {});
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

describe("mergeEqualNodes", () => {
  it("computes the same thing once, whatever the order of a sum's operands", () => {
    const graph = graphOf({ y: add(exp(mul(x, 2)), 1), z: add(1, exp(mul(2, x))) });
    const merged = mergeEqualNodes(graph);
    expect(ops(merged)).toEqual(["mul", "exp", "add"]);
    expect(merged.outputs.get("y")).toBe(merged.outputs.get("z"));
    expect(ops(graph)).toHaveLength(6);
  });

  it("tells attributes, operands and constants apart", () => {
    const differing = [
      sum(x, { axes: 0 }),
      sum(x, { axes: 1 }),
      sub(x, 1),
      sub(1, x),
      mul(x, 0.1),
      // The same float32 as 0.1, and another double.
      mul(x, constant(Float32Array.of(0.1), [])),
      mul(x, new Parameter([3])),
      mul(x, new Parameter([3])),
      pow(x, 2),
      split(x, 3, { axis: 1 })[0],
      pad(x, { axis: 1, after: 1, value: 0 }),
      pad(x, { axis: 1, after: 1, value: -0 }),
    ];
    const graph = graphOf(Object.fromEntries(differing.map((tensor, index) => [`y${index}`, tensor])));
    expect(mergeEqualNodes(graph).nodes).toHaveLength(differing.length);
  });

  it("leaves values with gradients of their own alone", () => {
    const [a, b] = [2, 3].map((slope) => withGradient(tanh(x), [x], (cotangent) => [mul(cotangent, slope)]));
    const merged = mergeEqualNodes(graphOf({ y: sum(add(a, b)) }));
    expect(ops(merged)).toEqual(["tanh", "reshape", "reshape", "add", "sum"]);
    const [dx] = grad(merged.outputs.get("y") as Tensor, [x]);
    expect(result(foldConstants, sum(dx))).toBe("sum");
  });
});

describe("foldConstants", () => {
  it("computes what depends on nothing", () => {
    expect(result(foldConstants, mul(constant([0.5, -2], [2]), 4))).toEqual([2, -8]);
    expect(result(foldConstants, sub(iota(4, "int32"), constant(1, [], "int32")))).toEqual([-1, 0, 1, 2]);
    expect(result(foldConstants, where(less(iota(3), 1), 5, -0))).toEqual([5, -0, -0]);
    expect(result(foldConstants, transpose(constant([1, 2, 3, 4], [2, 2])))).toEqual([1, 3, 2, 4]);
    expect(result(foldConstants, div(1, constant([0], [1])))).toEqual([Infinity]);
    const most = constant(Int32Array.of(2 ** 31 - 1), [1]);
    expect(result(foldConstants, add(most, most))).toEqual([-2]); // as int32 overflows everywhere
  });

  it("leaves what float32 does not hold exactly, what engines compute in their own way, and what would become large", () => {
    expect(result(foldConstants, div(1, 3))).toBe("div");
    expect(result(foldConstants, add(0.1, 0))).toBe("add");
    expect(result(foldConstants, div(constant([0], [1]), 0))).toBe("div");
    expect(result(foldConstants, exp(constant(0)))).toBe("exp");
    expect(result(foldConstants, sum(constant([1, 2], [2])))).toBe("sum");
    expect(result(foldConstants, broadcastTo(constant(1), [2000]))).toBe("broadcastTo");
    const large = constant(BigInt64Array.of(2n ** 60n + 1n), [1]);
    expect(result(foldConstants, sub(large, constant(BigInt64Array.of(2n ** 60n), [1])))).toBe("sub");
  });
});

describe("simplify", () => {
  it("leaves out what gives back what it was given", () => {
    const same = [
      mul(x, 1),
      mul(constant(1, [3]), x),
      div(x, 1),
      sub(x, 0),
      neg(neg(x)),
      reshape(reshape(x, [6]), [2, 3]),
      transpose(transpose(x)),
      slice(x, { axis: 0, start: 0, end: 2 }),
      concat([x], { axis: 0 }),
      split(x, 1, { axis: 0 })[0],
    ];
    for (const y of same) expect(result(simplify, y)).toBe("input");
    const flag = input("flag", [2], "bool");
    expect(result(simplify, logicalNot(logicalNot(flag)))).toBe("input");
    expect(ops(simplify(graphOf({ y: reshape(reshape(x, [6]), [3, 2]) })))).toEqual(["reshape"]);
    const turned = input("z", [2, 3, 4]);
    const twice = simplify(graphOf({ y: transpose(transpose(turned, [1, 0, 2]), [2, 0, 1]) }));
    expect(twice.nodes.map(({ attributes }) => attributes)).toEqual([{ permutation: [2, 1, 0] }]);
  });

  it("stretches nothing that is stretched anyway", () => {
    const row = input("row", [3]);
    const stretched = broadcastTo(reshape(row, [1, 3]), [2, 3]);
    const [node] = simplify(graphOf({ y: mul(x, stretched) })).nodes;
    expect([node.op.name, node.inputs]).toEqual(["mul", [x, row]]);
    // One of two has to stay.
    expect(ops(simplify(graphOf({ y: mul(stretched, stretched) })))).toEqual(["reshape", "broadcastTo", "mul"]);
  });

  it("knows what is not an identity", () => {
    const others = [
      add(x, 0), // -0 + 0 is 0
      sub(x, -0),
      mul(x, 0), // infinity * 0 is not 0
      mul(x, 1 + 2 ** -30), // 1 in float32 only
      mul(input("s", []), constant(1, [3])), // stretched
      cast(x, "int32"),
      slice(x, { axis: 1, start: 1, end: 3 }),
    ];
    for (const y of others) expect(ops(simplify(graphOf({ y })))).toHaveLength(1);
  });
});

describe("optimizeGraph", () => {
  it("computes less, to the same bits", async () => {
    const y = mul(softmax(neg(neg(x))), mul(constant(2), 0.5));
    const z = add(exp(sub(x, 0)), exp(reshape(reshape(x, [6]), [2, 3])));
    const graph = graphOf({ y, z, dx: grad(sum(mul(y, z)), [x])[0] });
    const optimized = optimizeGraph(graph);
    expect(optimized.nodes.length).toBeLessThan(graph.nodes.length - 6);
    expect(await run(optimized)).toEqual(await run(graph));
  });

  it("keeps inputs that nothing needs any more, and outputs that are inputs", async () => {
    const graph = graphOf({ y: mul(x, 1) }, [input("unused", [1]), x]);
    const optimized = optimizeGraph(graph);
    expect([...optimized.inputs.keys()]).toEqual(["unused", "x"]);
    expect(optimized.outputs.get("y")).toBe(x);
  });
});

describe("flattenRows", () => {
  const shape = [2, 3, 4];
  const u = input("u", shape);
  const vector = input("vector", [4]);
  const weight = input("weight", [4, 4]);

  /** Layers as in a block, with a sum over rows as in a gradient. */
  function layers(): Graph {
    const hidden = gelu(tap(linear(layerNorm(u, vector, vector), weight), "hidden"));
    const y = add(u, mul(linear(hidden, weight, vector), vector));
    const centred = sub(y, mean(y, { axes: -1, keepDims: true }));
    return graphOf({ y: centred, total: sum(centred, { axes: [0, 1] }), byText: sum(mul(y, 2), { axes: 1 }) });
  }

  it("leaves the reshapes around what tells the axes apart, and no other", () => {
    const flat = optimizeGraph(flattenRows(layers()));
    const reshapes = flat.nodes.filter(({ op }) => op.name === "reshape");
    // The normed rows, u beside them in the sum, y, and what is summed by text.
    expect(reshapes.map(({ outputs }) => outputs[0].shape)).toEqual([[6, 4], [6, 4], [2, 3, 4], [2, 3, 4]]); // prettier-ignore
    expect(ops(flat)).not.toContain("tap");
    for (const { op, outputs } of flat.nodes) if (op.name === "gelu") expect(outputs[0].shape).toEqual([6, 4]);
  });

  it("computes the same bits", async () => {
    const draw = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i * i));
    const feeds = { u: draw(24), vector: draw(4), weight: draw(16) };
    const [expected, found] = await Promise.all(
      [layers(), flattenRows(layers())].map(async (graph) => (await referenceEngine().compile(graph)).run(feeds)),
    );
    expect(found).toEqual(expected);
  });

  it("leaves alone what broadcasts along one of the axes, and sizes that are names", () => {
    const positions = add(reshape(input("rows", [6, 4]), shape), input("positions", [3, 4]));
    expect(ops(flattenRows(graphOf({ positions })))).toEqual(["reshape", "add"]);
    const named = linear(input("x", ["b", "t", 4]), weight);
    expect(ops(flattenRows(graphOf({ named })))).toEqual(["linear"]);
  });
});

describe("rewriteGraph", () => {
  it("puts other nodes in the place of some, which say so", () => {
    const graph = graphOf({ y: exp(neg(x)) });
    const rewritten = rewriteGraph(graph, ({ op }, [a], keep) => (op.name === "neg" ? [sub(0, a)] : keep()));
    expect(ops(rewritten)).toEqual(["sub", "exp"]);
    expect(rewritten.nodes.map(({ origin }) => origin)).toEqual(graph.nodes.map((node) => ({ kind: "rewrite", node })));
    expect(ops(graph)).toEqual(["neg", "exp"]);
  });
});
