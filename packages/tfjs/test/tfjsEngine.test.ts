/**
 * What a program on TensorFlow.js does with memory, with what it is given, and with what it cannot do.
 */

import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import {
  add,
  compile,
  constant,
  crossEntropy,
  embedding,
  grad,
  graphOf,
  input,
  iota,
  linear,
  moments,
  mul,
  Parameter,
  reshape,
  scaledDotProductAttention,
  sum,
  tanh,
  trace,
} from "@llm-learning/nn-core";
import { tfjsEngine } from "@llm-learning/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

const engine = tfjsEngine(tf);

describe.each(["cpu", "wasm"])("a program on the backend %s", (backend) => {
  beforeAll(async () => {
    if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} cannot be had`);
  });

  it("trains, and leaves no tensor behind at any step", async () => {
    const before = tf.memory().numTensors;
    const [table, weight] = [
      [5, 4],
      [5, 4],
    ].map((shape) => new Parameter(shape, { init: (data) => data.forEach((_, i) => (data[i] = Math.sin(i))) }));
    const graph = trace(
      { inputs: { shape: [3, 6], dtype: "int32" }, targets: { shape: [3, 6], dtype: "int32" } },
      ({ inputs, targets }) => {
        const x = reshape(tanh(embedding(table, inputs)), [3, 1, 6, 4]);
        const { output } = scaledDotProductAttention(x, x, x, { causal: true });
        const loss = crossEntropy(linear(reshape(output, [3, 6, 4]), weight), targets);
        const [byTable, byWeight] = grad(loss, [table.tensor, weight.tensor]);
        return { loss, byTable, byWeight };
      },
    );
    const program = await compile(engine, graph);
    const inputs = Int32Array.from({ length: 18 }, (_, i) => i % 5);
    const targets = inputs.map((token) => (token + 1) % 5);
    const losses: number[] = [];
    const counts = new Set<number>();
    for (let step = 0; step < 40; step++) {
      const { loss, byTable, byWeight } = await program.run({ inputs, targets });
      table.data.forEach((value, i) => (table.data[i] = value - (byTable.data[i] as number)));
      weight.data.forEach((value, i) => (weight.data[i] = value - (byWeight.data[i] as number)));
      losses.push(loss.data[0] as number);
      counts.add(tf.memory().numTensors);
    }
    expect(losses[0]).toBeGreaterThan(1.5);
    expect(losses.at(-1)).toBeLessThan(0.5);
    // The constants stay from run to run: the causal mask, and those of the graph.
    expect(counts.size).toBe(1);
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("gives the same bits at every run", async () => {
    const x = input("x", [8, 8]);
    const program = await compile(engine, graphOf({ y: sum(tanh(linear(x, x)), { axes: 0 }) }));
    const feeds = { x: Float32Array.from({ length: 64 }, (_, i) => Math.cos(i)) };
    const [first, second] = [await program.run(feeds), await program.run(feeds)];
    expect(second.y.data).toEqual(first.y.data);
    await program.dispose();
  });

  it("hands out arrays of its own, also for an output that is an input or a parameter", async () => {
    const weight = new Parameter([2], { init: (data) => data.fill(1) });
    const x = input("x", [2]);
    const program = await compile(engine, graphOf({ x, weight: weight.tensor, flat: reshape(x, [1, 2]) }));
    const feed = Float32Array.of(3, 4);
    const outputs = await program.run({ x: feed });
    feed.fill(0);
    weight.data.fill(0);
    expect([outputs.x, outputs.weight, outputs.flat].map(({ data }) => [...data])).toEqual([
      [3, 4],
      [1, 1],
      [3, 4],
    ]);
    await program.dispose();
  });

  it("hands out arrays of its own for a constant too, and for two outputs that are one value", async () => {
    const fixed = constant(Float32Array.of(5, 6), [2]);
    const y = tanh(input("x", [2]));
    const graph = graphOf({ fixed, turned: reshape(fixed, [2, 1]), y, flat: reshape(y, [1, 2]) });
    const program = await compile(engine, graph);
    const outputs = await program.run({ x: new Float32Array(2) });
    for (const [index, { data }] of Object.values(outputs).entries()) data.fill((index + 1) as never);
    expect(Object.values(outputs).map(({ data }) => [...data])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
    const again = await program.run({ x: new Float32Array(2) });
    expect([again.fixed, again.turned].map(({ data }) => [...data])).toEqual([
      [5, 6],
      [5, 6],
    ]);
    await program.dispose();
  });

  it("counts what is no number", async () => {
    const x = input("x", [6]);
    const program = await compile(engine, graphOf({ y: moments(x) }));
    const { y } = await program.run({ x: Float32Array.of(1, Number.NaN, Infinity, -Infinity, 2, -3) });
    expect(y.data.slice(4)).toEqual(Float32Array.of(1, 2));
    await program.dispose();
  });

  it("computes int64 where it fits into 32 bits, and refuses it elsewhere, leaving nothing behind", async () => {
    const before = tf.memory().numTensors;
    const [x, n] = [input("x", [2]), input("n", [2], "int64")];
    const program = await compile(engine, graphOf({ x: tanh(x), n: add(n, n) }));
    const feeds = { x: new Float32Array(2), n: BigInt64Array.of(-3n, 2n ** 30n - 1n) };
    expect((await program.run(feeds)).n.data).toEqual(BigInt64Array.of(-6n, 2n ** 31n - 2n));
    await expect(program.run({ ...feeds, n: BigInt64Array.of(0n, 2n ** 31n) })).rejects.toThrow(
      new RangeError(
        "run: expected int64 values that fit into 32 bits, which is what TensorFlow.js has, got 2147483648",
      ),
    );
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a program", () => {
  it("does not run once it was disposed of", async () => {
    const program = await compile(engine, graphOf({ y: iota(3) }));
    await program.dispose();
    await expect(program.run({})).rejects.toThrow(
      new Error("Program.run: expected a program that was not disposed of, got a disposed one"),
    );
  });

  it("names a dimension that no input has", async () => {
    const program = await compile(engine, graphOf({ y: mul(iota("t", "float32"), 2) }));
    await expect(program.run({})).rejects.toThrow('run: expected a size for the dimension "t", which no input has');
  });

  it("says what a feed has to be", async () => {
    const program = await compile(engine, graphOf({ y: tanh(input("x", ["b", 2])) }));
    await expect(program.run({})).rejects.toThrow('run: expected a value for input "x", got none');
  });
});
