import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import {
  AdamW,
  add,
  compile,
  concat,
  constant,
  crossEntropy,
  embedding,
  grad,
  type Graph,
  graphOf,
  input,
  linear,
  mul,
  Parameter,
  reshape,
  scaledDotProductAttention,
  slice,
  sub,
  sum,
  trace,
  transpose,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const engine = onnxruntimeEngine({ threads: 2, strictShapes: true });

function scaled(factor: Parameter): Graph {
  return trace({ x: { shape: [2] } }, ({ x }) => ({ y: mul(x, factor) }));
}

describe("onnxruntimeEngine", () => {
  it("finds parameters that an optimizer moved, though it is fed the same arrays", async () => {
    const factor = new Parameter([2], { init: (data) => data.set([2, 3]) });
    const program = await compile(engine, scaled(factor));
    const x = Float32Array.of(1, 10);
    await program.run({ x });
    factor.moveTo(new Float32Array(2));
    expect([...(await program.run({ x })).y.data]).toEqual([2, 30]);
    factor.data.set([-1, 0.5]);
    expect([...(await program.run({ x })).y.data]).toEqual([-1, 5]);
  });

  it("reads parameters anew at every run", async () => {
    const factor = new Parameter([2], { init: (data) => data.set([2, 3]) });
    const program = await compile(engine, scaled(factor));
    const first = await program.run({ x: Float32Array.of(1, 10) });
    expect([...first.y.data]).toEqual([2, 30]);
    factor.data.set([-1, 0.5]);
    const second = await program.run({ x: Float32Array.of(1, 10) });
    expect([...second.y.data]).toEqual([-1, 5]);
    await program.dispose();
  });

  it("writes outputs of static shape into the same arrays at every run", async () => {
    const program = await compile(engine, scaled(new Parameter([2])));
    const first = await program.run({ x: Float32Array.of(1, 2) });
    const second = await program.run({ x: Float32Array.of(3, 4) });
    expect(second.y.data).toBe(first.y.data);
    await program.dispose();
  });

  it.each(["native", "node"] as const)("writes an output to memory that is given for it (%s)", async (binding) => {
    const weight = new Parameter([3000, 4], { init: (data) => data.fill(0.5) });
    const optimizer = new AdamW([{ parameters: new Map([["weight", weight]]), weightDecay: 0 }]);
    const graph = trace({ x: { shape: [3000, 4] } }, ({ x }) => {
      const loss = sum(mul(x, weight.tensor));
      return { loss, weight: grad(loss, [weight])[0] };
    });
    const program = await compile(onnxruntimeEngine({ threads: 1, binding }), graph, { outputs: optimizer.gradients });
    const x = Float32Array.from({ length: 12_000 }, (_, i) => i);
    const outputs = await program.run({ x });
    expect(outputs["weight"].data).toBe(optimizer.gradients["weight"]);
    expect(optimizer.gradients["weight"].buffer).toBe(weight.data.buffer); // the optimizer's memory
    expect(optimizer.gradients["weight"]).toEqual(x);
    await program.dispose();
  });

  it("refuses memory that does not fit an output", async () => {
    const graph = scaled(new Parameter([2]));
    const open = trace({ x: { shape: ["n"] } }, ({ x }) => ({ y: mul(x, 2) }));
    await expect(compile(engine, graph, { outputs: { z: new Float32Array(2) } })).rejects.toThrow(
      new RangeError('compile: expected memory for outputs of the graph, got "z"'),
    );
    await expect(compile(engine, graph, { outputs: { y: new Float32Array(3) } })).rejects.toThrow(
      new RangeError('compile: expected memory for float32 [2] ("y"), got 3 of float32'),
    );
    await expect(compile(engine, open, { outputs: { y: new Float32Array(3) } })).rejects.toThrow(
      'compile: expected memory for float32 [n] ("y"), got 3 of float32: its size is known only when it runs',
    );
  });

  it("runs graphs with named dimensions at any size", async () => {
    const graph = trace({ x: { shape: ["batch_size", 2] } }, ({ x }) => ({ y: add(x, 1), rows: sum(x, { axes: 1 }) }));
    const program = await compile(engine, graph);
    for (const batch of [1, 3]) {
      const data = Float32Array.from({ length: 2 * batch }, (_, i) => i);
      const { y, rows } = await program.run({ x: { shape: [batch, 2], data } });
      expect(y.shape).toEqual([batch, 2]);
      expect([...y.data]).toEqual([...data].map((value) => value + 1));
      expect([...rows.data]).toEqual(Array.from({ length: batch }, (_, row) => 4 * row + 1));
    }
    await program.dispose();
  });

  it("returns inputs, parameters, constants and repeated values as outputs", async () => {
    const weight = new Parameter([2], { init: (data) => data.set([5, 6]) });
    const x = input("x", [2]);
    const y = add(x, weight);
    const graph = graphOf({
      x,
      weight: weight.tensor,
      fixed: constant([7, 8], [2]),
      y,
      again: y,
      flat: reshape(y, [2]),
    });
    const program = await compile(engine, graph);
    const outputs = await program.run({ x: Float32Array.of(1, 2) });
    const values = Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]));
    expect(values).toEqual({ x: [1, 2], weight: [5, 6], fixed: [7, 8], y: [6, 8], again: [6, 8], flat: [6, 8] });
    await program.dispose();
  });

  it("keeps inputs apart whatever their names are", async () => {
    const names = ["a,b", "c", "a", "b,c"];
    const [ab, c, a, bc] = names.map((name) => input(name, [1]));
    const program = await compile(engine, graphOf({ first: sub(ab, c), second: sub(a, bc) }));
    const feeds = Object.fromEntries(names.map((name, index) => [name, Float32Array.of(10 ** index)]));
    const { first, second } = await program.run(feeds);
    expect([first.data[0], second.data[0]]).toEqual([1 - 10, 100 - 1000]);
    await program.dispose();
  });

  it("takes an attention mask that is one value for all", async () => {
    const q = input("q", [1, 1, 2, 1]);
    const mask = input("mask", [], "bool");
    const { output } = scaledDotProductAttention(q, q, q, { mask });
    const program = await compile(engine, graphOf({ output }));
    const run = async (allowed: number): Promise<unknown> => [
      ...(await program.run({ q: Float32Array.of(2, 2), mask: Uint8Array.of(allowed) })).output.data,
    ];
    expect(await run(1)).toEqual([2, 2]);
    expect(await run(0)).toEqual([0, 0]);
    await program.dispose();
  });

  it("gives the parts of a concat their gradients, also beside an empty one", async () => {
    const x = input("x", [2, 2]);
    const joined = concat([slice(x, { axis: 1, end: 0 }), x, x], { axis: 1 });
    const program = await compile(engine, graphOf({ gradient: grad(sum(mul(joined, joined)), [x])[0] }));
    const { gradient } = await program.run({ x: Float32Array.of(1, 2, 3, 4) });
    expect([...gradient.data]).toEqual([4, 8, 12, 16]);
    await program.dispose();
  });

  it.each([
    [0, 3],
    [3, 0],
    [0, 0],
  ])("reshapes by name where the sizes turn out to be %i and %i", async (a, b) => {
    const graph = trace({ x: { shape: ["a", "b"] } }, ({ x }) => ({
      between: reshape(x, ["a", 1, "b"]),
      split: reshape(reshape(x, [-1]), ["a", "b"]),
      turned: reshape(reshape(transpose(x), [-1]), ["b", "a"]),
    }));
    const program = await compile(engine, graph);
    const { between, split, turned } = await program.run({ x: { shape: [a, b], data: new Float32Array() } });
    expect([between.shape, split.shape, turned.shape]).toEqual([
      [a, 1, b],
      [a, b],
      [b, a],
    ]);
    await program.dispose();
  });

  it("runs a graph whose input nothing needs", async () => {
    const graph = trace({ x: { shape: [1] }, unused: { shape: [3], dtype: "int32" } }, ({ x }) => ({ y: add(x, 1) }));
    const program = await compile(engine, graph);
    const { y } = await program.run({ x: Float32Array.of(1), unused: new Int32Array(3) });
    expect([...y.data]).toEqual([2]);
    await program.dispose();
  });

  it.each([
    ["a product with one-hot rows", 64],
    ["adding element by element", 1000],
  ])("sums embedding gradients exactly while two threads work: %s", async (_, rows) => {
    // Small integers add without rounding, so a lost or doubled addition shows.
    const [count, width] = [8192, 64];
    const table = new Parameter([rows, width]);
    const indices = input("indices", [count], "int32");
    const g = input("g", [count, width]);
    const [gradient] = grad(sum(mul(embedding(table, indices), g)), [table]);
    const program = await compile(engine, graphOf({ gradient }));
    const at = Int32Array.from({ length: count }, (_unused, i) => (i * i) % 7);
    const values = Float32Array.from({ length: count * width }, (_unused, i) => i % 5);
    const expected = new Float32Array(rows * width);
    values.forEach((value, i) => {
      expected[at[Math.floor(i / width)] * width + (i % width)] += value;
    });
    for (let run = 0; run < 5; run++) {
      const outputs = await program.run({ indices: at, g: values });
      expect(outputs.gradient.data).toEqual(expected);
    }
    await program.dispose();
  });

  it("gives the same bits with one thread and with two, through both bindings, and at every run", async () => {
    const [batch, width, classes] = [96, 64, 300];
    const wave = (data: Float32Array): void => data.forEach((_, i) => (data[i] = Math.sin(i * 0.7) * 0.3));
    const table = new Parameter([classes, width], { init: wave });
    const weight = new Parameter([classes, width], { init: wave });
    const ids = input("ids", [batch], "int32");
    const loss = crossEntropy(linear(embedding(table, ids), weight), ids);
    const [byTable, byWeight] = grad(loss, [table, weight]);
    const graph = graphOf({ loss, byTable, byWeight });
    const feeds = { ids: Int32Array.from({ length: batch }, (_, i) => (i * 37) % classes) };
    const results: number[][] = [];
    for (const threads of [1, 2, 2]) {
      for (const binding of ["native", "node"] as const) {
        const program = await compile(onnxruntimeEngine({ threads, binding }), graph);
        // Short runs stay in this thread, from the second one on.
        for (let run = 0; run < 3; run++) {
          const outputs = await program.run(feeds);
          results.push(Object.values(outputs).flatMap(({ data }) => Array.from(data, Number)));
        }
        await program.dispose();
      }
    }
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  });

  it("says which input is missing or does not fit", async () => {
    const program = await compile(engine, scaled(new Parameter([2])));
    await expect(program.run({})).rejects.toThrow('run: expected a value for input "x", got none');
    await expect(program.run({ x: new Float32Array(3) })).rejects.toThrow(RangeError);
    await expect(program.run({ x: new Int32Array(2) })).rejects.toThrow(TypeError);
    const { y } = await program.run({ x: new Float32Array(2) });
    expect([...y.data]).toEqual([0, 0]);
    await program.dispose();
  });

  it("refuses a second run before the first is done, and any run after dispose", async () => {
    const program = await compile(engine, scaled(new Parameter([2])));
    const first = program.run({ x: new Float32Array(2) });
    await expect(program.run({ x: new Float32Array(2) })).rejects.toThrow(
      "Program.run: expected one run at a time (outputs are reused), got a second; await the first",
    );
    await first;
    await program.dispose();
    await program.dispose();
    await expect(program.run({ x: new Float32Array(2) })).rejects.toThrow(
      "Session.run: expected an open session, got one that was disposed",
    );
  });
});
