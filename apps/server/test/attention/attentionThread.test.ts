import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { encodeModel, type OnnxModel, type OnnxNode } from "@llm-learning/onnx";
import { afterAll, beforeAll, expect, test } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { AttentionThread } from "../../src/attention/attentionThread.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "attention-"));
});
afterAll(() => rm(folder, { recursive: true }));

const program = fileURLToPath(new URL("threadedAttention.mjs", import.meta.url));
const isBuilt = existsSync(new URL("../../dist/attention/attentionWorker.js", import.meta.url));
if (!isBuilt) console.warn("skipped: the server is not built (npm run build)");

const origin = { requestId: "1", client: "a" };

/** A layer whose two heads score a token by its id and by twice its id, whoever listens. */
function attentionModel(output = "attentions.0"): Uint8Array {
  const node = (opType: string, inputs: string[], name: string, attributes = {}): OnnxNode => {
    return { opType, inputs, outputs: [name], attributes };
  };
  const float = (name: string, dims: number[], values: number[]) => {
    return { name, dataType: "float32", dims, data: new Uint8Array(Float32Array.from(values).buffer) } as const;
  };
  const int64 = (name: string, values: bigint[]) => {
    return {
      name,
      dataType: "int64",
      dims: [values.length],
      data: new Uint8Array(BigInt64Array.from(values).buffer),
    } as const;
  };
  const model: OnnxModel = {
    irVersion: 10,
    opsetImports: [{ domain: "", version: 21 }],
    producerName: "",
    metadata: {},
    graph: {
      name: "attention",
      nodes: [
        node("Cast", ["input_ids"], "ids", { to: { type: "int", value: 1n } }),
        node("Unsqueeze", ["ids", "heads"], "row"), // [1, 1, 1, T]
        node("Mul", ["row", "scales"], "scores"), // [1, 2, 1, T]
        node("Transpose", ["row"], "column", { perm: { type: "ints", value: [0n, 1n, 3n, 2n] } }), // [1, 1, T, 1]
        node("Mul", ["column", "none"], "zeros"),
        node("Add", ["scores", "zeros"], "all"), // [1, 2, T, T]
        node("Softmax", ["all"], output, { axis: { type: "int", value: -1n } }),
      ],
      inputs: [{ name: "input_ids", dataType: "int64", shape: [1, "T"] }],
      outputs: [{ name: output, dataType: "float32", shape: [1, 2, "T", "T"] }],
      initializers: [int64("heads", [1n, 2n]), float("scales", [1, 2, 1, 1], [1, 2]), float("none", [1], [0])],
    },
  };
  return encodeModel(model);
}

async function threadOf(bytes: Uint8Array): Promise<AttentionThread> {
  const file = join(folder, "model_attentions.onnx");
  await writeFile(file, bytes);
  return new AttentionThread(file);
}

test("the last token's row of every layer and head is told, to several who ask at once", async () => {
  const thread = await threadOf(attentionModel());
  const [pair, single] = await Promise.all([
    thread.attention({ ...origin, tokens: [0, 1] }),
    thread.attention({ ...origin, tokens: [3] }),
  ]);
  expect([pair.layers, pair.heads]).toEqual([1, 2]);
  const share = (score: number): number => Math.exp(score) / (1 + Math.exp(score));
  expect(pair.weights).toBeAllclose([1 - share(1), share(1), 1 - share(2), share(2)], { rtol: 1e-6 });
  expect([...single.weights]).toEqual([1, 1]);
  await thread.close();
  await expect(thread.attention({ ...origin, tokens: [1] })).rejects.toMatchObject({ code: "closed" });
});

test("who has gone away is not answered, and too many may not wait", async () => {
  const thread = await threadOf(attentionModel());
  const controller = new AbortController();
  const first = thread.attention({ ...origin, tokens: [1] });
  const gone = thread.attention({ ...origin, tokens: [2] }, controller.signal);
  const others = Array.from({ length: 15 }, () => thread.attention({ ...origin, tokens: [3] }));
  await expect(thread.attention({ ...origin, tokens: [4] })).rejects.toMatchObject({ code: "queue_full" });
  controller.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  await Promise.all([first, ...others]);
  await thread.close();
});

test("a file that is no such model is refused when it is first asked", async () => {
  const thread = await threadOf(attentionModel("others"));
  await expect(thread.attention({ ...origin, tokens: [1] })).rejects.toMatchObject({
    code: "failed",
    message:
      "AttentionModel.open: expected a model with the input input_ids and outputs attentions.N, got input_ids and others; was it " +
      "written by export --attentions?",
  });
  await thread.close();
});

test.skipIf(!isBuilt)("its thread answers what it has begun before it ends, and the process with it", async () => {
  const file = join(folder, "threaded.onnx");
  await writeFile(file, attentionModel());
  const { stdout } = await promisify(execFile)(process.execPath, [program, file]);
  expect(JSON.parse(stdout)).toEqual({ weights: [1, 1], codes: ["answered", "closed"] });
});
