// What attention costs as the length grows: a training step of some layers of attention on ONNX Runtime, with the probabilities of all
// pairs at once and a chunk of queries at a time. Each figure is of a process of its own; outputs and gradients must agree first.
//
//   node bench/attention/memory.mjs [--lengths 1024,2048,4096] [--chunks 0,256] [--window 0] [--layers 2] [--heads 6] [--prompt]
//
// With --prompt, what an exported model costs that reads a prompt, so many tokens at a time, each time with the cache of those before.
// 0 stands for all queries or tokens at once, and for no window. Megabytes are what the session and its runs add to the process at its peak.

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Rng } from "@llm-learning/init";
import {
  add,
  compile,
  concat,
  evaluateFloat64,
  grad,
  graphOf,
  input,
  Linear,
  mean,
  mul,
  reshape,
  scaledDotProductAttention,
  slice,
  split,
  squeeze,
  trainableParameters,
  transpose,
} from "@llm-learning/nn-core";
import { encodeModel, lowerGraph } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine } from "@llm-learning/onnx/node";

const { values } = parseArgs({
  options: {
    lengths: { type: "string", default: "1024,2048,4096" },
    chunks: { type: "string", default: "0,256" },
    window: { type: "string", default: "0" },
    layers: { type: "string", default: "2" },
    heads: { type: "string", default: "6" },
    threads: { type: "string", default: String(Math.min(2, cpus().length)) },
    prompt: { type: "boolean", default: false },
    one: { type: "boolean", default: false },
  },
});
const list = (text) => text.split(",").map(Number);
const [window, L, H, threads] = [values.window, values.layers, values.heads, values.threads].map(Number);
const D = 64;

const C = H * D;

/** `layers` of attention in a residual stream `[1, T, C]`, behind the caches `past`; chunks and windows as they are asked for. */
function attend(x, blocks, { T, chunk = 0, past = [], totalLength }) {
  const present = [];
  for (const [layer, { qkv, out }] of blocks.entries()) {
    const heads = transpose(reshape(qkv.forward(x), [1, T, 3, H, D]), [2, 0, 3, 1, 4]); // [3, 1, H, T, D]
    const [q, k, v] = split(heads, 3).map((part) => squeeze(part, 0)); // [1, H, T, D] each
    const join = (old, next) => (old === undefined ? next : concat([old, next], { axis: 2, dim: totalLength }));
    const [key, value] = [join(past[layer]?.key, k), join(past[layer]?.value, v)];
    present.push({ key, value });
    const { output } = scaledDotProductAttention(q, key, value, {
      causal: true,
      ...(window > 0 && { window }),
      ...(chunk > 0 && { chunk }),
    });
    x = add(x, out.forward(reshape(transpose(output, [0, 2, 1, 3]), [1, T, C])));
  }
  return { x, present };
}

function blocksOf(layers) {
  const rng = new Rng(1);
  return Array.from({ length: layers }, () => ({
    qkv: new Linear(C, 3 * C, { rng }),
    out: new Linear(C, C, { rng }),
  }));
}

/** Loss and gradients. */
function graphOfStep(T, chunk, layers = L) {
  const blocks = blocksOf(layers);
  const { x } = attend(input("x", [1, T, C]), blocks, { T, chunk });
  const loss = mean(mul(x, x));
  const parameters = trainableParameters({ blocks });
  const gradients = grad(loss, [...parameters.values()]);
  return graphOf({ loss, ...Object.fromEntries([...parameters.keys()].map((name, i) => [name, gradients[i]])) });
}

/** Caches as an exported model has them, by name. */
const named = (caches, prefix) =>
  Object.fromEntries(
    caches.flatMap(({ key, value }, layer) => [
      [`${prefix}.${layer}.key`, key],
      [`${prefix}.${layer}.value`, value],
    ]),
  );

/** A session of the layers at lengths that have names, and how it reads tokens. */
async function openPrompt() {
  const shape = [1, H, "past", D];
  const past = Array.from({ length: L }, (_, layer) => ({
    key: input(`past.${layer}.key`, shape),
    value: input(`past.${layer}.value`, shape),
  }));
  const { x, present } = attend(input("x", [1, "t", C]), blocksOf(L), { T: "t", past, totalLength: "total" });
  const graph = graphOf({ last: slice(x, { axis: 1, start: -1 }), ...named(present, "present") });
  const { model } = lowerGraph(graph, { parameters: "initializers", contrib: true });
  const session = await createOrtSession(encodeModel(model), { threads });
  const floats = (dims, data) => ({ dtype: "float32", shape: dims, data });
  return async (data, size) => {
    const none = floats([1, H, 0, D], new Float32Array());
    let caches = named(
      Array.from({ length: L }, () => ({ key: none, value: none })),
      "past",
    );
    const T = data.length / C;
    for (let start = 0; start < T; start += size) {
      const end = Math.min(start + size, T);
      const tokens = floats([1, end - start, C], data.subarray(start * C, end * C));
      const { last, ...next } = await session.run({ x: tokens, ...caches });
      caches = Object.fromEntries(
        Object.entries(next).map(([name, value]) => [name.replace("present", "past"), value]),
      );
      if (end === T) return last.data;
    }
  };
}

const normal = (count) => {
  const rng = new Rng(2);
  return Float32Array.from({ length: count }, () => rng.normal());
};
const peak = () => process.resourceUsage().maxRSS / 1024;

/** Peak and time of one form, printed as JSON for the process above. */
async function measure(T, chunk) {
  const x = normal(T * C);
  const graph = values.prompt ? undefined : graphOfStep(T, chunk);
  const before = peak();
  const started = performance.now();
  const read = values.prompt ? await openPrompt() : undefined;
  const program = graph && (await compile(onnxruntimeEngine({ threads }), graph));
  const compiled = performance.now() - started;
  const times = [];
  for (let run = 0; run < 4; run++) {
    const start = performance.now();
    await (program ? program.run({ x }) : read(x, chunk || T));
    times.push(performance.now() - start);
  }
  times.shift(); // the first run allocates
  const megabytes = peak() - before;
  console.log(JSON.stringify({ megabytes, compiled, milliseconds: times.toSorted((a, b) => a - b)[1] }));
}

/** Checks that chunks change nothing but roundings, on a short text. */
async function assertEqual(chunk) {
  const T = 40;
  const x = normal(T * C);
  const size = Math.min(chunk, 16);
  const results = async (count) => {
    if (values.prompt) return { last: await (await openPrompt())(x, count || T) };
    const entries = Object.entries(evaluateFloat64(graphOfStep(T, count, 1), { x }));
    return Object.fromEntries(entries.map(([name, { data }]) => [name, data]));
  };
  const [whole, chunked] = [await results(0), await results(size)];
  for (const [name, data] of Object.entries(whole)) {
    const largest = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const off = data.reduce((a, b, i) => Math.max(a, Math.abs(b - chunked[name][i])), 0);
    const tolerance = values.prompt ? 1e-5 : 1e-12; // float32, and doubles
    if (!(off <= tolerance * largest))
      throw new Error(`expected the same ${name} from chunks, got ${off} off ${largest}`);
  }
}

if (values.one) {
  await measure(Number(values.lengths), Number(values.chunks));
} else {
  for (const chunk of list(values.chunks)) if (chunk > 0) await assertEqual(chunk);
  console.log(
    `${values.prompt ? "a prompt" : "a training step"}, ${L} layers of ${H} heads of ${D}, ${threads} threads, ${cpus()[0].model}`,
  );
  console.log("length  chunk   peak MB   ms a step   ms to compile");
  for (const T of list(values.lengths)) {
    for (const chunk of list(values.chunks)) {
      const given = { lengths: T, chunks: chunk, window, layers: L, heads: H, threads };
      const flags = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const modes = ["--one", ...(values.prompt ? ["--prompt"] : [])];
      const text = execFileSync(process.execPath, [process.argv[1], ...flags, ...modes], { encoding: "utf8" });
      const { megabytes, milliseconds, compiled } = JSON.parse(text);
      const cells = [T, chunk || "all", megabytes.toFixed(0), milliseconds.toFixed(0), compiled.toFixed(0)];
      console.log(cells.map((cell, i) => String(cell).padStart([6, 7, 10, 12, 16][i])).join(""));
    }
  }
}
