// The matrix products of a training step, and how fast ONNX Runtime multiplies alone: the rate that a step is held against.
//
// As a program it answers {"do": "open", "folder", "threads"} -> {"version", "gflop"}, those of a step, and
// {"do": "measure", "seconds"} -> {"square", "own"}: GFLOP/s of 1024 x 1024 x 1024, and over the products of the step.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Rng } from "@llm-learning/init";
import { compile, matmul, slice, trace } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { answer } from "../inference/contestant.mjs";

/** Products of `[batch, m, k]` with `[batch, k, n]`, and how many of each there are in a step. Attention is counted as whole squares. */
export function productsOf(config) {
  const { model, batchSize: B, blockSize: T, nEmbd: C, nLayer, nHead: H, vocabSize: V } = config;
  if (model === "mlp") return combined([...linear(B, T * C, config.nHidden), ...linear(B, config.nHidden, V)]);
  const hidden = config.nHidden || (model === "llama" ? Math.ceil(((8 / 3) * C) / 32) * 32 : 4 * C);
  const widths = model === "llama" ? [[C, C], [C, C], [C, C], [C, hidden], [C, hidden]] : [[C, 3 * C], [C, hidden]]; // prettier-ignore
  const layers = [...widths, [C, C], [hidden, C]].flatMap(([input, output]) => linear(B * T, input, output, nLayer));
  return combined([...layers, ...attention({ heads: B * H, T, D: C / H }, nLayer), ...linear(B * T, C, V)]);
}

/** Forward, gradient of the input, gradient of the weights. */
function linear(rows, input, output, count = 1) {
  return [
    { batch: 1, m: rows, k: input, n: output, count },
    { batch: 1, m: rows, k: output, n: input, count },
    { batch: 1, m: output, k: rows, n: input, count },
  ];
}

/** Scores and what is heard; then the gradients of probabilities, of values, of queries and of keys. */
function attention({ heads: batch, T, D }, count) {
  return [
    { batch, m: T, k: D, n: T, count: 2 * count },
    { batch, m: T, k: T, n: D, count: 4 * count },
  ];
}

function combined(products) {
  const byShape = new Map();
  for (const { count, ...shape } of products) {
    const key = JSON.stringify(shape);
    byShape.set(key, { ...shape, count: (byShape.get(key)?.count ?? 0) + count });
  }
  return [...byShape.values()];
}

const gflopOf = ({ batch, m, k, n }) => (2 * batch * m * k * n) / 1e9;

/** So many products in a run, that what a run costs besides them weighs little. */
const AT_ONCE = 8;

/** A program that multiplies one matrix with `AT_ONCE` others and gives the first row of each result. */
async function compileProduct({ batch, m, k, n }, engine) {
  const rng = new Rng(1);
  const shapes = { a: batch === 1 ? [m, k] : [batch, m, k] };
  for (let index = 0; index < AT_ONCE; index++) shapes[`b${index}`] = batch === 1 ? [k, n] : [batch, k, n];
  const specs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: "float32" }]));
  const graph = trace(specs, ({ a, ...others }) =>
    Object.fromEntries(
      Object.entries(others).map(([name, b]) => [name, slice(matmul(a, b), { axis: 0, start: 0, end: 1 })]),
    ),
  );
  const program = await compile(engine, graph);
  const drawn = ([name, shape]) => [
    name,
    Float32Array.from({ length: shape.reduce((p, q) => p * q) }, () => rng.uniform()),
  ];
  const feeds = Object.fromEntries(Object.entries(shapes).map(drawn));
  await program.run(feeds);
  return async (seconds) => {
    const begin = performance.now();
    let runs = 0;
    do {
      await program.run(feeds);
      runs++;
    } while (performance.now() - begin < seconds * 1000);
    return (performance.now() - begin) / 1000 / (runs * AT_ONCE);
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();

async function serve() {
  let products;
  let square;
  await answer({
    async open({ folder, threads }) {
      const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
      const engine = onnxruntimeEngine({ threads });
      square = await compileProduct({ batch: 1, m: 1024, k: 1024, n: 1024 }, engine);
      products = [];
      for (const product of productsOf(config))
        products.push({ ...product, time: await compileProduct(product, engine) });
      return { gflop: total(products.map((product) => product.count * gflopOf(product))) };
    },
    async measure({ seconds }) {
      const share = seconds / (products.length + 1);
      const perSquare = await square(share);
      const own = [];
      for (const { count, time } of products) own.push(count * (await time(share)));
      const gflop = total(products.map((product) => product.count * gflopOf(product)));
      return { square: (2 * 1.024 ** 3) / perSquare, own: gflop / total(own) };
    },
  });
}

function total(values) {
  return values.reduce((sum, value) => sum + value, 0);
}
