import { decodeModel, encodeModel, externalizeWeights, type OnnxModel, type OnnxRawTensor } from "@llm-learning/onnx";
import { describe, expect, test } from "vitest";

const tensor = (name: string, bytes: number): OnnxRawTensor => ({
  name,
  dims: [bytes],
  dataType: "uint8",
  data: Uint8Array.from({ length: bytes }, (_, i) => (i + name.charCodeAt(0)) % 251),
});

const modelOf = (...initializers: OnnxRawTensor[]): OnnxModel => ({
  irVersion: 10,
  opsetImports: [{ domain: "", version: 21 }],
  producerName: "p",
  metadata: { a: "b" },
  graph: { name: "g", nodes: [], inputs: [], outputs: [], initializers },
});

const joined = (pieces: readonly Uint8Array[]): Uint8Array => Uint8Array.from(pieces.flatMap((piece) => [...piece]));

describe("externalizeWeights", () => {
  test("puts tensors at multiples of 4096, small ones stay, and copies nothing", () => {
    const [a, small, b, c] = [tensor("a", 5000), tensor("small", 1023), tensor("b", 4096), tensor("c", 1024)];
    const { model, files } = externalizeWeights(modelOf(a, small, b, c), { location: "model.onnx_data" });
    // a fills 0 to 5000, its second page ends at 8192; b fills a page; c follows it at once.
    expect(model.graph.initializers.map(({ name, data, external }) => [name, data?.length, external])).toEqual([
      ["a", undefined, { location: "model.onnx_data", offset: 0, length: 5000 }],
      ["small", 1023, undefined],
      ["b", undefined, { location: "model.onnx_data", offset: 8192, length: 4096 }],
      ["c", undefined, { location: "model.onnx_data", offset: 12288, length: 1024 }],
    ]);
    expect(files.map(({ location, byteLength }) => [location, byteLength])).toEqual([["model.onnx_data", 13312]]);
    const [{ pieces }] = files;
    expect(pieces[0]).toBe(a.data);
    expect(pieces.at(-1)).toBe(c.data);
    const bytes = joined(pieces);
    expect(bytes.length).toBe(13312);
    expect(bytes.subarray(5000, 8192).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(8192, 12288)).toEqual(b.data);
    // What stays in the file says the same once it is read again.
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  test("begins another file where one would grow too large, and gives a larger tensor one of its own", () => {
    const model = modelOf(tensor("a", 3000), tensor("b", 4000), tensor("c", 20000), tensor("d", 10));
    const { files } = externalizeWeights(model, { location: "w", minTensorBytes: 1, maxFileBytes: 8192 });
    expect(files.map(({ location, byteLength }) => [location, byteLength])).toEqual([
      ["w", 8096],
      ["w_1", 20000],
      ["w_2", 10],
    ]);
  });

  test("gives the model as it is where nothing is large enough", () => {
    const model = modelOf(tensor("a", 100));
    expect(externalizeWeights(model, { location: "w" })).toEqual({ model, files: [] });
  });

  test.each(["", "a/b", "../w", "/w", "C:w", ".w"])("takes no path for a location: %j", (location) => {
    expect(() => externalizeWeights(modelOf(), { location })).toThrow(
      "externalizeWeights: expected location to be the name of a file beside the model, got",
    );
  });

  test("refuses limits that are none", () => {
    expect(() => externalizeWeights(modelOf(), { location: "w", maxFileBytes: 0 })).toThrow(
      "externalizeWeights: expected maxFileBytes to be an integer > 0, got 0",
    );
  });
});
