/**
 * The binding through the C API: what it shares with onnxruntime-node is tested beside that one's, here is what it does on its own. The
 * models are products of matrices, so that results are exact and a run takes as long as is wanted.
 */

import { allocate, type TensorValue } from "@llm-learning/nn-core";
import { encodeModel, type OnnxModel, type OnnxNode } from "@llm-learning/onnx";
import { openSession, runtimeInfo, type Session } from "@llm-learning/onnx/node";
import { afterEach, describe, expect, it, vi } from "vitest";

const [N, POWER] = [512, 100];

/** y = x^(times + 1), [n, n]. */
function powerModel(times: number, n: number | string = "n"): OnnxModel {
  const nodes = Array.from({ length: times }, (_, i): OnnxNode => {
    const [from, to] = [i === 0 ? "x" : `x${i}`, i === times - 1 ? "y" : `x${i + 1}`];
    return { opType: "MatMul", inputs: [from, "x"], outputs: [to], attributes: {} };
  });
  const value = { dataType: "float32", shape: [n, n] } as const;
  return {
    irVersion: 10,
    opsetImports: [{ domain: "", version: 21 }],
    producerName: "test",
    metadata: {},
    graph: {
      name: "power",
      nodes,
      inputs: [{ name: "x", ...value }],
      outputs: [{ name: "y", ...value }],
      initializers: [],
    },
  };
}

const open = (model: OnnxModel): Promise<Session> => openSession(encodeModel(model), { threads: 1, binding: "native" });

const matrix = (data: ArrayLike<number>): TensorValue => {
  const n = Math.sqrt(data.length);
  return { dtype: "float32", shape: [n, n], data: Float32Array.from(data) };
};

/** Takes a hundred milliseconds or so. */
const large = matrix(new Float32Array(N * N));

describe("a session through the C API", () => {
  it("takes a value for an input that has one in the file, or none", async () => {
    const model = powerModel(1, 2);
    const { graph } = model;
    const factor = { name: "factor", dataType: "float32" } as const;
    const scaled = { opType: "Mul", inputs: ["y", "factor"], outputs: ["z"], attributes: {} };
    const session = await open({
      ...model,
      graph: {
        ...graph,
        nodes: [...graph.nodes, scaled],
        inputs: [...graph.inputs, { ...factor, shape: [] }],
        outputs: [{ name: "z", dataType: "float32", shape: [2, 2] }],
        initializers: [{ ...factor, dims: [], data: new Uint8Array(Float32Array.of(10).buffer) }],
      },
    });
    expect([session.inputNames, session.optionalInputNames]).toEqual([["x"], ["factor"]]);
    const x = matrix([1, 1, 0, 1]);
    expect([...(await session.run({ x })).z.data]).toEqual([10, 20, 0, 10]);
    const three: TensorValue = { dtype: "float32", shape: [], data: Float32Array.of(3) };
    expect([...(await session.run({ x, factor: three })).z.data]).toEqual([3, 6, 0, 3]);
    expect([...(await session.run({ x })).z.data]).toEqual([10, 20, 0, 10]);
    await expect(session.run({ x, other: three })).rejects.toThrow(
      new Error('Session.run: expected inputs of the model, got "other"'),
    );
    await session.dispose();
  });

  it("leaves the event loop free during a run", async () => {
    const session = await open(powerModel(POWER));
    const events: string[] = [];
    const run = session.run({ x: large }).then(() => events.push("run"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    events.push("timer");
    await run;
    expect(events).toEqual(["timer", "run"]);
    await session.dispose();
  });

  it("ends a run with the reason of a signal, and can run again", async () => {
    const session = await open(powerModel(POWER));
    const target = matrix(new Float32Array(N * N).fill(7));
    const controller = new AbortController();
    const run = session.run({ x: large }, { y: target }, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(run).rejects.toThrow("enough");
    // The last product was not reached.
    expect(target.data[0]).toBe(7);
    await expect(session.run({ x: large }, undefined, { signal: controller.signal })).rejects.toThrow("enough");
    const { y } = await session.run({ x: matrix([1, 1, 0, 1]) }, undefined, { signal: new AbortController().signal });
    expect([...y.data]).toEqual([1, POWER + 1, 0, 1]);
    await session.dispose();
  });

  it("is disposed after the run that is under way", async () => {
    const session = await open(powerModel(POWER));
    const run = session.run({ x: large });
    let isDone = false;
    void run.then(() => (isDone = true));
    await session.dispose();
    expect(isDone).toBe(true);
    await session.dispose();
    await expect(session.run({ x: large })).rejects.toThrow("expected an open session, got one that was disposed");
  });

  it("runs several times at once", async () => {
    const session = await open(powerModel(3));
    const runs = [1, 2, 3].map((k) => session.run({ x: matrix([k, 0, 0, 1]) }));
    expect((await Promise.all(runs)).map(({ y }) => y.data[0])).toEqual([1, 16, 81]);
    await session.dispose();
  });

  it("reads arrays at every run where they are, and writes where it is told", async () => {
    const session = await open(powerModel(1));
    const x = matrix([1, 0, 0, 1]);
    const y = matrix([0, 0, 0, 0]);
    for (const factor of [2, 3, 4]) {
      x.data[0] = factor;
      expect((await session.run({ x }, { y })).y).toBe(y);
      expect([...y.data]).toEqual([factor ** 2, 0, 0, 1]);
    }
    await session.dispose();
  });

  it("takes shared memory, views into larger buffers, and matrices without elements", async () => {
    const session = await open(powerModel(1));
    const shared = new Float32Array(new SharedArrayBuffer(16));
    shared.set([2, 0, 0, 1]);
    const view = new Float32Array(Float32Array.of(9, 9, 3, 0, 0, 1).buffer, 8, 4);
    for (const [data, expected] of [
      [shared, 4],
      [view, 9],
    ] as const) {
      expect((await session.run({ x: { dtype: "float32", shape: [2, 2], data } })).y.data[0]).toBe(expected);
    }
    const { y } = await session.run({ x: { dtype: "float32", shape: [0, 0], data: new Float32Array() } });
    expect([y.shape, y.data]).toEqual([[0, 0], new Float32Array()]);
    await session.dispose();
  });

  it("never touches memory that is no longer there", async () => {
    const session = await open(powerModel(1));
    const x = matrix([1, 2, 3, 4]);
    for (let i = 0; i < 3; i++) await session.run({ x });
    structuredClone(x.data.buffer, { transfer: [x.data.buffer as ArrayBuffer] });
    await expect(session.run({ x })).rejects.toThrow(
      "Session.run: expected the elements of shape [2, 2], got 0; was the buffer transferred?",
    );
    await session.dispose();
  });

  it("binds a frozen record once, reads its arrays at every run, and notices when they are others", async () => {
    const session = await open(powerModel(1));
    const x = { ...matrix([2, 0, 0, 1]) };
    const [feeds, fetches] = [Object.freeze({ x }), Object.freeze({ y: matrix([0, 0, 0, 0]) })];
    const squares: (number | bigint)[] = [];
    for (const factor of [2, 3, 4, 5]) {
      x.data[0] = factor;
      squares.push((await session.run(feeds, fetches)).y.data[0]);
    }
    Object.assign(x, { data: Float32Array.of(6, 0, 0, 1) });
    for (let i = 0; i < 3; i++) squares.push((await session.run(feeds, fetches)).y.data[0]);
    expect(squares).toEqual([4, 9, 16, 25, 36, 36, 36]);
    structuredClone(x.data.buffer, { transfer: [x.data.buffer as ArrayBuffer] });
    await expect(session.run(feeds, fetches)).rejects.toThrow("got 0; was the buffer transferred?");
    const allocated = Object.freeze({ y: undefined });
    const other = Object.freeze({ x: matrix([7, 0, 0, 1]) });
    const results = [await session.run(other, allocated), await session.run(other, allocated)];
    expect(results.map(({ y }) => y.data[0])).toEqual([49, 49]);
    await session.dispose();
  });

  it.each<[string, Record<string, TensorValue>, RegExp]>([
    ["a missing input", {}, /^Session.run: expected a value for input "x", got none$/],
    [
      "an unknown input",
      { x: { dtype: "float32", shape: [1, 3], data: new Float32Array(3) }, z: large },
      /^Session.run: expected inputs of the model, got "z"$/,
    ],
    [
      "another dtype",
      { x: { dtype: "int32", shape: [1, 3], data: new Int32Array(3) } },
      /^Session.run: expected float32 for input "x", got int32$/,
    ],
    [
      "another array than the dtype's",
      { x: { dtype: "float32", shape: [1, 3], data: new Int32Array(3) } },
      /^Session.run: expected the array of dtype float32, got Int32Array$/,
    ],
    [
      "another number of axes",
      { x: { dtype: "float32", shape: [3], data: new Float32Array(3) } },
      /^Session.run: expected \[\?, 3\] for input "x", got \[3\]$/,
    ],
    [
      "another fixed size",
      { x: { dtype: "float32", shape: [1, 2], data: new Float32Array(2) } },
      /^Session.run: expected \[\?, 3\] for input "x", got \[1, 2\]$/,
    ],
    [
      "fewer elements than the shape says",
      { x: { dtype: "float32", shape: [1, 3], data: new Float32Array(2) } },
      /^Session.run: expected the elements of shape \[1, 3\], got 2; was the buffer transferred\?$/,
    ],
  ])("refuses %s before it runs", async (_, feeds, message) => {
    const model = powerModel(1);
    const input = { name: "x", dataType: "float32", shape: ["n", 3] } as const;
    const session = await open({ ...model, graph: { ...model.graph, inputs: [input] } });
    await expect(session.run(feeds)).rejects.toThrow(message);
    await session.dispose();
  });

  it("refuses outputs that the model has not, or that do not fit", async () => {
    const session = await open(powerModel(1));
    const x = matrix([1, 0, 0, 1]);
    await expect(session.run({ x }, { z: undefined })).rejects.toThrow(
      'Session.run: expected outputs of the model, got "z"',
    );
    await expect(session.run({ x }, {})).rejects.toThrow("Session.run: expected an output to compute, got none");
    const data = allocate("int32", 4);
    await expect(session.run({ x }, { y: { dtype: "int32", shape: [2, 2], data } })).rejects.toThrow(
      'Session.run: expected float32 for output "y", got int32',
    );
    await expect(session.run({ x }, { y: matrix(new Float32Array(9)) })).rejects.toThrow(
      /shape \{3,3\} but the computed output shape for this run is \{2,2\}/,
    );
    expect([...(await session.run({ x })).y.data]).toEqual([1, 0, 0, 1]);
    await session.dispose();
  });

  it("says what the runtime says of a model that it refuses", async () => {
    const model = powerModel(1);
    const nodes = model.graph.nodes.map((node) => ({ ...node, opType: "Nonsense" }));
    await expect(open({ ...model, graph: { ...model.graph, nodes } })).rejects.toThrow(/Nonsense/);
  });
});

describe("the choice of a binding", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("is native where that works", async () => {
    expect((await runtimeInfo()).generation).toEqual({ binding: "native", reason: undefined });
  });

  it("can be made by an environment variable, which an option overrules", async () => {
    vi.stubEnv("LLM_LEARNING_BINDING", "node");
    expect((await runtimeInfo()).generation).toEqual({ binding: "node", reason: "it was asked for" });
    const model = encodeModel(powerModel(1));
    vi.stubEnv("LLM_LEARNING_BINDING", "python");
    await expect(openSession(model)).rejects.toThrow('openSession: expected the binding native or node, got "python"');
    await (await openSession(model, { binding: "native" })).dispose();
  });

  it.each([
    ["platform", "sunos", "sharedLibraryPath: expected linux, darwin, win32, got sunos"],
    [
      "arch",
      "riscv64",
      `sharedLibraryPath: expected ONNX Runtime for ${process.platform} riscv64 in onnxruntime-node, got none`,
    ],
  ] as const)("is onnxruntime-node on another %s, %s, and says why", async (key, value, reason) => {
    const own = Object.getOwnPropertyDescriptor(process, key) as PropertyDescriptor;
    vi.resetModules();
    Object.defineProperty(process, key, { ...own, value });
    try {
      const { runtimeInfo } = await import("@llm-learning/onnx/node");
      expect((await runtimeInfo()).generation).toEqual({ binding: "node", reason });
    } finally {
      Object.defineProperty(process, key, own);
    }
  });

  it("falls back to onnxruntime-node where koffi is not there, and says why", async () => {
    vi.resetModules();
    vi.doMock("koffi", () => {
      throw new Error("no koffi today");
    });
    const { openSession, runtimeInfo } = await import("@llm-learning/onnx/node");
    const { binding, reason } = (await runtimeInfo()).generation;
    expect([binding, reason]).toEqual([
      "node",
      expect.stringMatching(/^openOrtLibrary: expected the package koffi, got/),
    ]);
    const model = encodeModel(powerModel(2));
    const session = await openSession(model, { threads: 1 });
    expect([...(await session.run({ x: matrix([2, 0, 0, 1]) })).y.data]).toEqual([8, 0, 0, 1]);
    await session.dispose();
    await expect(openSession(model, { binding: "native" })).rejects.toThrow(/expected the package koffi/);
    vi.doUnmock("koffi");
  });
});
