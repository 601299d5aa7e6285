import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel, type OnnxModel } from "@llm-learning/onnx";
import { createOrtSession, openSession, type Session, runtimeInfo } from "@llm-learning/onnx/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** y = x + x, declared to have the shape of x unless told otherwise. */
function doubling(shape: readonly (number | string)[] = ["n", 2]): OnnxModel {
  return {
    irVersion: 10,
    opsetImports: [{ domain: "", version: 21 }],
    producerName: "test",
    metadata: {},
    graph: {
      name: "doubling",
      nodes: [{ opType: "Add", inputs: ["x", "x"], outputs: ["y"], attributes: {} }],
      inputs: [{ name: "x", dataType: "float32", shape: ["n", 2] }],
      outputs: [{ name: "y", dataType: "float32", shape }],
      initializers: [],
    },
  };
}

const x = { dtype: "float32", shape: [1, 2], data: Float32Array.of(1, 2) } as const;

const bindings: [name: string, open: (model: Uint8Array | string, options?: object) => Promise<Session>][] = [
  ["createOrtSession", createOrtSession],
  ["openSession, native", (model, options) => openSession(model, { ...options, binding: "native" })],
  ["openSession, node", (model, options) => openSession(model, { ...options, binding: "node" })],
];

describe.each(bindings)("%s", (_, open) => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "onnx-session-"));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it("opens a model from bytes or from a file", async () => {
    const bytes = encodeModel(doubling());
    const path = join(directory, "model.onnx");
    await writeFile(path, bytes);
    for (const model of [bytes, path]) {
      const session = await open(model, { threads: 1 });
      expect([session.inputNames, session.outputNames]).toEqual([["x"], ["y"]]);
      const { y } = await session.run({ x });
      expect({ dtype: y.dtype, shape: [...y.shape], data: [...y.data] }).toEqual({
        dtype: "float32",
        shape: [1, 2],
        data: [2, 4],
      });
      await session.dispose();
    }
  });

  it("writes into a value given for an output", async () => {
    const session = await open(encodeModel(doubling()), { threads: 1 });
    const target = { dtype: "float32", shape: [1, 2], data: new Float32Array(2) } as const;
    const { y } = await session.run({ x }, { y: target });
    expect(y).toBe(target);
    expect([...target.data]).toEqual([2, 4]);
    await session.dispose();
  });

  it("refuses wrong declared shapes when asked to be strict", async () => {
    const wrong = encodeModel(doubling(["n", 3]));
    await expect(open(wrong, { threads: 1, strictShapes: true })).rejects.toThrow(/shape|dim/i);
    const session = await open(wrong, { threads: 1 });
    await session.dispose();
  });

  it("writes a trace of the operators when it is disposed", async () => {
    const session = await open(encodeModel(doubling()), { threads: 1, profile: join(directory, "trace") });
    await session.run({ x });
    await session.dispose();
    expect(await readdir(directory)).toEqual([expect.stringMatching(/^trace.*\.json$/)]);
  });

  it("refuses thread numbers that are none, and bytes that are no model", async () => {
    await expect(open(encodeModel(doubling()), { threads: 0 })).rejects.toThrow(
      /^\w+: expected threads to be an integer > 0, got 0$/,
    );
    await expect(open(Uint8Array.of(1, 2, 3), { threads: 1 })).rejects.toThrow(/^decodeModel: expected a field's tag/);
  });
});

describe("runtimeInfo", () => {
  it("names the version and the CPU", async () => {
    const { version, providers } = await runtimeInfo();
    expect(version).toMatch(/^1\.\d+\.\d+$/);
    expect(providers).toContainEqual({ name: "cpu", bundled: true });
  });
});
