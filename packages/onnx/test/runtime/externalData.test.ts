import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  encodeModel,
  externalizeWeights,
  type OnnxExternalData,
  type OnnxModel,
  type OnnxRawTensor,
} from "@llm-learning/onnx";
import { createOrtSession, openGenerator, openTokenGenerator, readOnnxModel } from "@llm-learning/onnx/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "external-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const floats = (name: string, values: number[]): OnnxRawTensor => ({
  name,
  dims: [values.length],
  dataType: "float32",
  data: new Uint8Array(Float32Array.from(values).buffer),
});

/** y = a + b + x. */
const model: OnnxModel = {
  irVersion: 10,
  opsetImports: [{ domain: "", version: 21 }],
  producerName: "p",
  metadata: {},
  graph: {
    name: "g",
    nodes: [
      { opType: "Add", inputs: ["a", "b"], outputs: ["ab"], attributes: {} },
      { opType: "Add", inputs: ["ab", "x"], outputs: ["y"], attributes: {} },
    ],
    inputs: [{ name: "x", dataType: "float32", shape: [2] }],
    outputs: [{ name: "y", dataType: "float32", shape: [2] }],
    initializers: [floats("a", [1, 2]), floats("b", [10, 20])],
  },
};

function write(written: OnnxModel, name = "model.onnx"): string {
  const path = join(folder, name);
  writeFileSync(path, encodeModel(written));
  return path;
}

/** The model with its weights in a file beside it. */
function writeExternal(): string {
  const { model: small, files } = externalizeWeights(model, { location: "model.onnx_data", minTensorBytes: 1 });
  for (const { location, pieces } of files) writeFileSync(join(folder, location), Buffer.concat(pieces));
  return write(small);
}

/** The model whose weights are said to be at these places of a file of 100 bytes. */
function writePlaced(...places: OnnxExternalData[]): string {
  writeFileSync(join(folder, "data"), new Uint8Array(100));
  const initializers = model.graph.initializers.map(({ name, dims, dataType }, index) => {
    const external = places[index] ?? { location: "data", offset: 92 };
    return { name, dims, dataType: dataType as "float32", external };
  });
  return write({ ...model, graph: { ...model.graph, initializers } });
}

describe("a model with external data", () => {
  test("runs as it does in one file, and is read back whole", async () => {
    const path = writeExternal();
    const session = await createOrtSession(path, { threads: 1 });
    const { y } = await session.run({ x: { dtype: "float32", shape: [2], data: new Float32Array([100, 200]) } });
    expect([...y.data]).toEqual([111, 222]);
    await session.dispose();
    expect(await readOnnxModel(path)).toEqual(model);
  });

  test("is found wherever a tensor may stand: attributes, subgraphs, functions", async () => {
    writeFileSync(join(folder, "data"), Uint8Array.of(1, 2, 3, 4, 5, 6));
    const external = (offset: number) =>
      ({ name: "", dims: [1], dataType: "uint8", external: { location: "data", offset } }) as const;
    const values = (offset: number) => ({ type: "tensor", value: external(offset) }) as const;
    const inner = (offset: number) => ({
      name: "h",
      inputs: [],
      outputs: [],
      initializers: [],
      nodes: [{ opType: "Constant", inputs: [], outputs: ["c"], attributes: { value: values(offset) } }],
    });
    const path = write({
      ...model,
      functions: [
        {
          name: "f",
          domain: "d",
          inputs: [],
          outputs: [],
          attributes: [],
          opsetImports: [],
          nodes: inner(0).nodes,
          attributeDefaults: { of: values(1) },
        },
      ],
      graph: {
        ...model.graph,
        nodes: [
          {
            opType: "If",
            inputs: ["x"],
            outputs: ["y"],
            attributes: { then_branch: { type: "graph", value: inner(2) }, all: { type: "graphs", value: [inner(3)] } },
          },
        ],
        initializers: [],
        sparseInitializers: [{ values: external(4), indices: external(5), dims: [1] }],
      },
    });
    const read = await readOnnxModel(path);
    const found: number[] = [];
    JSON.stringify(read, (_, value: unknown) => {
      if (!(value instanceof Uint8Array)) return value;
      found.push(...value);
      return undefined;
    });
    expect(found.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("needs a path: bytes are in no directory", async () => {
    const { model: small } = externalizeWeights(model, { location: "model.onnx_data", minTensorBytes: 1 });
    await expect(createOrtSession(encodeModel(small))).rejects.toThrow(
      'createOrtSession: expected weights inside the model, got external data for "a"; give the path of the model',
    );
  });
});

describe("external data that is not where it may be", () => {
  /** What every reader says of a model, without its own name. */
  const answers = async (path: string): Promise<string> => {
    const readers = [readOnnxModel(path), createOrtSession(path), openGenerator(path), openTokenGenerator(path)];
    const results = await Promise.allSettled<unknown>(readers);
    const messages = results.map((result) => {
      if (result.status === "fulfilled") return "read";
      if (!(result.reason instanceof RangeError)) throw result.reason;
      return result.reason.message.replace(/^(readOnnxModel|createOrtSession|openGenerator|openTokenGenerator): /, "");
    });
    expect(new Set(messages).size).toBe(1);
    return messages[0];
  };

  test("is refused where the file lies outside, behind a link or a folder that is one", async () => {
    mkdirSync(join(folder, "model"));
    writeFileSync(join(folder, "secret"), new Uint8Array(100));
    symlinkSync("../secret", join(folder, "model", "link"));
    symlinkSync("..", join(folder, "model", "up"));
    for (const location of ["link", "up/secret"]) {
      const initializers = model.graph.initializers.map(({ name, dims }) => ({
        name,
        dims,
        dataType: "float32" as const,
        external: { location },
      }));
      const path = write({ ...model, graph: { ...model.graph, initializers } }, "model/model.onnx");
      expect(await answers(path)).toMatch(
        /^expected a file inside the model's directory .* of "a", got "[a-z/]+", which leads out of it$/,
      );
    }
  });

  test("is read behind a link that stays inside", async () => {
    const path = writeExternal();
    rmSync(join(folder, "model.onnx_data"));
    writeFileSync(
      join(folder, "blob"),
      Buffer.concat(externalizeWeights(model, { location: "x", minTensorBytes: 1 }).files[0].pieces),
    );
    symlinkSync("blob", join(folder, "model.onnx_data"));
    expect(await readOnnxModel(path)).toEqual(model);
  });

  test.each<[string, OnnxExternalData, RegExp]>([
    ["there is no such file", { location: "none" }, /got "none", which does not exist$/],
    ["it is the directory itself", { location: "." }, /got ".", which leads out of it$/],
    [
      "it begins beyond the end of the file",
      { location: "data", offset: 101 },
      /within the 100 of "data" .* got 101 to 109$/,
    ],
    [
      "it ends beyond it",
      { location: "data", offset: 93 },
      /expected bytes within the 100 of "data" .* got 93 to 101$/,
    ],
    ["its offset is huge", { location: "data", offset: 2 ** 53 - 1 }, /expected bytes within the 100 of "data"/],
    ["it overlaps another", { location: "data", offset: 85 }, /"b" from byte 93 on, where that of "a" ends, got 92$/],
    ["it is another's", { location: "data", offset: 92 }, /from byte 100 on, where that of "[ab]" ends, got 92$/],
  ])("is refused where %s", async (_, place, message) => {
    expect(await answers(writePlaced(place))).toMatch(message);
  });

  test("is refused where it is no file, such as a pipe, which would be waited for", async () => {
    mkdirSync(join(folder, "sub"));
    expect(await answers(writePlaced({ location: "sub" }))).toMatch(/got "sub", which is no file$/);
  });
});
