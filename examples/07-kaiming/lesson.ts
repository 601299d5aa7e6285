/**
 * Lesson 7: why weights are divided by the root of what they sum up. Run it: npm run lesson -- 7
 */

import { calculateGain, kaimingNormal, normal, Rng } from "@llm-learning/init";
import {
  abs,
  cast,
  constant,
  greater,
  matmul,
  mean,
  mul,
  relu,
  sqrt,
  square,
  tanh,
  type Tensor,
} from "@llm-learning/nn-core";
import { evaluate, numbers } from "../evaluate.ts";
import { randn } from "../randn.ts";

const [examples, width, layers] = [500, 100, 6];

// One layer. Each output is a sum of `width` products of variance 1: its variance is `width`, its standard deviation 10.
const rng = new Rng(2147483647);
const x = randn([examples, width], rng);
const w = randn([width, width], rng);
const { raw, divided } = await evaluate({
  raw: rms(matmul(x, w)),
  divided: rms(matmul(x, mul(w, 1 / Math.sqrt(width)))),
});
export const oneLayer = { raw: numbers(raw)[0], divided: numbers(divided)[0] };
console.log(`a sum of ${width} products:  rms ${oneLayer.raw.toFixed(2)}`);
console.log(`divided by sqrt(${width}):   rms ${oneLayer.divided.toFixed(2)}\n`);

/** Root mean square, and share of outputs beyond 0.97, of each layer of a deep stack. */
export interface StackStatistics {
  readonly rms: readonly number[];
  readonly saturated: readonly number[];
}

// A stack of them, with a non-linearity in between and the weights' standard deviation gain / sqrt(fanIn).
async function stack(gain: number, activation: (input: Tensor) => Tensor): Promise<StackStatistics> {
  const rng = new Rng(1);
  const watched: Record<string, Tensor> = {};
  let h = randn([examples, width], rng);
  for (let layer = 0; layer < layers; layer++) {
    const weight = new Float32Array(width * width);
    normal(weight, { std: gain / Math.sqrt(width), rng });
    h = activation(matmul(h, constant(weight, [width, width])));
    watched[`rms${layer}`] = rms(h);
    watched[`saturated${layer}`] = mean(cast(greater(abs(h), 0.97), "float32"));
  }
  const values = await evaluate(watched);
  const of = (name: string) => Array.from({ length: layers }, (_, layer) => numbers(values[`${name}${layer}`])[0]);
  return { rms: of("rms"), saturated: of("saturated") };
}

/** `kaimingNormal` is that rule, with the gain that the non-linearity needs. */
const weight = new Float32Array(width * width);
kaimingNormal(weight, [width, width], { nonlinearity: "relu", rng });
export const kaimingStd = Math.sqrt(weight.reduce((sum, value) => sum + value * value, 0) / weight.length);

export const stacks = {
  "tanh, gain 1/2": await stack(0.5, tanh),
  "tanh, gain 1": await stack(1, tanh),
  "tanh, gain 5/3": await stack(calculateGain("tanh"), tanh),
  "tanh, gain 3": await stack(3, tanh),
  "relu, gain 1": await stack(1, relu),
  "relu, gain sqrt(2)": await stack(calculateGain("relu"), relu),
};

console.log(`root mean square after each of ${layers} layers, and how many outputs are saturated (beyond 0.97)\n`);
for (const [name, { rms, saturated }] of Object.entries(stacks)) {
  const last = (100 * saturated[layers - 1]).toFixed(1);
  console.log(
    `${name.padEnd(20)} ${rms.map((value) => value.toFixed(3)).join("  ")}   ${name.startsWith("tanh") ? `${last} % saturated` : ""}`,
  );
}
console.log(
  `\nkaimingNormal for relu: std ${kaimingStd.toFixed(4)}, where sqrt(2 / ${width}) = ${Math.sqrt(2 / width).toFixed(4)}`,
);

/** Root of the mean square: what the next layer's sums grow with. The standard deviation, where the mean is 0. */
function rms(tensor: Tensor): Tensor {
  return sqrt(mean(square(tensor)));
}
