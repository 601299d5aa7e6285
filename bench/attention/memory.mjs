// What attention costs as the length grows: a training step of some layers of attention on ONNX Runtime, with the probabilities of all
// pairs at once and a chunk of queries at a time. Each figure is of a process of its own; outputs and gradients must agree first.
//
//   node bench/attention/memory.mjs [--lengths 1024,2048,4096] [--chunks 0,256] [--window 0] [--layers 2] [--heads 6] [--forward]
//
// 0 stands for all queries at once, and for no window. Megabytes are what the session and its runs add to the process at its peak.

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Rng } from "@llm-learning/init";
import {
  add,
  compile,
  evaluateFloat64,
  grad,
  graphOf,
  input,
  Linear,
  mean,
  mul,
  reshape,
  scaledDotProductAttention,
  split,
  squeeze,
  trainableParameters,
  transpose,
} from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";

const { values } = parseArgs({
  options: {
    lengths: { type: "string", default: "1024,2048,4096" },
    chunks: { type: "string", default: "0,256" },
    window: { type: "string", default: "0" },
    layers: { type: "string", default: "2" },
    heads: { type: "string", default: "6" },
    threads: { type: "string", default: String(Math.min(2, cpus().length)) },
    forward: { type: "boolean", default: false },
    one: { type: "boolean", default: false },
  },
});
const list = (text) => text.split(",").map(Number);
const [window, L, H, threads] = [values.window, values.layers, values.heads, values.threads].map(Number);
const D = 64;

/** Loss and gradients of `layers` of attention in a residual stream `[1, T, H * D]`. */
function graphOfStep(T, chunk, layers = L) {
  const C = H * D;
  const rng = new Rng(1);
  const blocks = Array.from({ length: layers }, () => ({
    qkv: new Linear(C, 3 * C, { rng }),
    out: new Linear(C, C, { rng }),
  }));
  let x = input("x", [1, T, C]);
  for (const { qkv, out } of blocks) {
    const heads = transpose(reshape(qkv.forward(x), [1, T, 3, H, D]), [2, 0, 3, 1, 4]); // [3, 1, H, T, D]
    const [q, k, v] = split(heads, 3).map((part) => squeeze(part, 0)); // [1, H, T, D] each
    const { output } = scaledDotProductAttention(q, k, v, {
      causal: true,
      ...(window > 0 && { window }),
      ...(chunk > 0 && { chunk }),
    });
    x = add(x, out.forward(reshape(transpose(output, [0, 2, 1, 3]), [1, T, C])));
  }
  const loss = mean(mul(x, x));
  if (values.forward) return graphOf({ loss });
  const parameters = trainableParameters({ blocks });
  const gradients = grad(loss, [...parameters.values()]);
  return graphOf({ loss, ...Object.fromEntries([...parameters.keys()].map((name, i) => [name, gradients[i]])) });
}

const normal = (count) => {
  const rng = new Rng(2);
  return Float32Array.from({ length: count }, () => rng.normal());
};
const peak = () => process.resourceUsage().maxRSS / 1024;

/** Peak and time of one form, printed as JSON for the process above. */
async function measure(T, chunk) {
  const x = normal(T * H * D);
  const graph = graphOfStep(T, chunk);
  const before = peak();
  const started = performance.now();
  const program = await compile(onnxruntimeEngine({ threads }), graph);
  const compiled = performance.now() - started;
  const times = [];
  for (let run = 0; run < 4; run++) {
    const start = performance.now();
    await program.run({ x });
    times.push(performance.now() - start);
  }
  times.shift(); // the first run allocates
  const megabytes = peak() - before;
  console.log(JSON.stringify({ megabytes, compiled, milliseconds: times.toSorted((a, b) => a - b)[1] }));
}

function assertEqual(chunk) {
  const T = 40;
  const x = Float64Array.from(normal(T * H * D));
  const [whole, chunked] = [0, Math.min(chunk, 16)].map((size) => evaluateFloat64(graphOfStep(T, size, 1), { x }));
  for (const [name, { data }] of Object.entries(whole)) {
    const largest = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const off = data.reduce((a, b, i) => Math.max(a, Math.abs(b - chunked[name].data[i])), 0);
    if (!(off <= 1e-12 * largest)) throw new Error(`expected the same ${name} from chunks, got ${off} off ${largest}`);
  }
}

if (values.one) {
  await measure(Number(values.lengths), Number(values.chunks));
} else {
  for (const chunk of list(values.chunks)) if (chunk > 0) assertEqual(chunk);
  console.log(
    `${values.forward ? "forward" : "training step"}, ${L} layers of ${H} heads of ${D}, ${threads} threads, ${cpus()[0].model}`,
  );
  console.log("length  chunk   peak MB   ms a step   ms to compile");
  for (const T of list(values.lengths)) {
    for (const chunk of list(values.chunks)) {
      const given = { lengths: T, chunks: chunk, window, layers: L, heads: H, threads };
      const flags = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const modes = ["--one", ...(values.forward ? ["--forward"] : [])];
      const text = execFileSync(process.execPath, [process.argv[1], ...flags, ...modes], { encoding: "utf8" });
      const { megabytes, milliseconds, compiled } = JSON.parse(text);
      const cells = [T, chunk || "all", megabytes.toFixed(0), milliseconds.toFixed(0), compiled.toFixed(0)];
      console.log(cells.map((cell, i) => String(cell).padStart([6, 7, 10, 12, 16][i])).join(""));
    }
  }
}
