/**
 * Lesson 10: backpropagation by hand, checked against `grad`. Run it: npm run lesson -- 10
 */

import { Rng } from "@llm-learning/init";
import {
  add,
  cast,
  constant,
  crossEntropy,
  div,
  embedding,
  equal,
  exp,
  grad,
  log,
  matmul,
  max,
  mul,
  neg,
  oneHot,
  pow,
  reciprocal,
  reshape,
  softmax,
  square,
  sub,
  sum,
  tanh,
  type Tensor,
} from "@llm-learning/nn-core";
import { evaluate, numbers } from "../evaluate.ts";
import { randn } from "../randn.ts";

const rng = new Rng(2147483647);
const [n, V, T, D, H] = [32, 27, 3, 10, 64]; // examples, tokens, context, embedding, hidden
const tokens = (count: number): Int32Array => Int32Array.from({ length: count }, () => rng.integer(V));
const X = constant(tokens(n * T), [n, T]);
const Y = constant(tokens(n), [n]);

// Small random biases and gains instead of zeros and ones: a mistake could hide behind those.
const C = randn([V, D], rng);
const W1 = mul(randn([T * D, H], rng), 5 / 3 / Math.sqrt(T * D));
const b1 = mul(randn([H], rng), 0.1); // useless: the normalization subtracts it again, and db1 comes out as 0
const W2 = mul(randn([H, V], rng), 0.1);
const b2 = mul(randn([V], rng), 0.1);
const bngain = add(mul(randn([1, H], rng), 0.1), 1);
const bnbias = mul(randn([1, H], rng), 0.1);

// The forward pass in steps so small that each has a gradient one can write down.
const rows = { axes: 0, keepDims: true } as const;
const columns = { axes: 1, keepDims: true } as const;
const emb = embedding(C, X); // [n, T, D]
const embcat = reshape(emb, [n, T * D]); // [n, T * D]
const hprebn = add(matmul(embcat, W1), b1); // [n, H]
const bnmean = mul(sum(hprebn, rows), 1 / n); // [1, H]
const bndiff = sub(hprebn, bnmean); // [n, H]
const bndiff2 = square(bndiff); // [n, H]
const bnvar = mul(sum(bndiff2, rows), 1 / (n - 1)); // [1, H], the lecture's n - 1; PyTorch's forward divides by n
const bnvarInv = pow(add(bnvar, 1e-5), -0.5); // [1, H]
const bnraw = mul(bndiff, bnvarInv); // [n, H]
const hpreact = add(mul(bngain, bnraw), bnbias); // [n, H]
const h = tanh(hpreact); // [n, H]
const logits = add(matmul(h, W2), b2); // [n, V]
const logitMaxes = max(logits, columns); // [n, 1]
const normLogits = sub(logits, logitMaxes); // [n, V]
const counts = exp(normLogits); // [n, V]
const countsSum = sum(counts, columns); // [n, 1]
const countsSumInv = reciprocal(countsSum); // [n, 1]
const probs = mul(counts, countsSumInv); // [n, V]
const logprobs = log(probs); // [n, V]
const target = oneHot(Y, V); // [n, V], 1 at each example's next token
const loss = neg(mul(sum(mul(logprobs, target)), 1 / n));

// Exercise 1: backward through every step, from the last to the first. `dx` is the gradient of the loss by x.
const dlogprobs = mul(target, -1 / n);
const dprobs = div(dlogprobs, probs);
const dcountsSumInv = sum(mul(counts, dprobs), columns);
const dcountsSum = neg(mul(dcountsSumInv, square(countsSumInv)));
const dcounts = add(mul(countsSumInv, dprobs), dcountsSum); // used twice: two gradients add up
const dnormLogits = mul(counts, dcounts);
const dlogitMaxes = neg(sum(dnormLogits, columns)); // 0 but for rounding: subtracting the maximum changes no probability
const isMax = cast(equal(logits, logitMaxes), "float32");
const dlogits = add(dnormLogits, mul(isMax, dlogitMaxes));
const dh = matmul(dlogits, W2, { transposeB: true });
const dW2 = matmul(h, dlogits, { transposeA: true });
const db2 = sum(dlogits, { axes: 0 });
const dhpreact = mul(sub(1, square(h)), dh);
const dbngain = sum(mul(bnraw, dhpreact), rows);
const dbnbias = sum(dhpreact, rows);
const dbnraw = mul(bngain, dhpreact);
const dbnvarInv = sum(mul(bndiff, dbnraw), rows);
const dbnvar = mul(mul(pow(add(bnvar, 1e-5), -1.5), -0.5), dbnvarInv);
const dbndiff2 = mul(dbnvar, constant(1 / (n - 1), [n, H]));
const dbndiff = add(mul(bnvarInv, dbnraw), mul(mul(bndiff, 2), dbndiff2));
const dbnmean = neg(sum(dbndiff, rows));
const dhprebn = add(dbndiff, mul(dbnmean, 1 / n));
const dembcat = matmul(dhprebn, W1, { transposeB: true });
const dW1 = matmul(embcat, dhprebn, { transposeA: true });
const db1 = sum(dhprebn, { axes: 0 });
const demb = reshape(dembcat, [n, T, D]);
// A token that occurs in many places gets the gradients of all of them.
const dC = matmul(oneHot(reshape(X, [n * T]), V), reshape(demb, [n * T, D]), { transposeA: true });

export const steps: readonly (readonly [name: string, value: Tensor, byHand: Tensor])[] = [
  ["logprobs", logprobs, dlogprobs],
  ["probs", probs, dprobs],
  ["countsSumInv", countsSumInv, dcountsSumInv],
  ["countsSum", countsSum, dcountsSum],
  ["counts", counts, dcounts],
  ["normLogits", normLogits, dnormLogits],
  ["logitMaxes", logitMaxes, dlogitMaxes],
  ["logits", logits, dlogits],
  ["h", h, dh],
  ["W2", W2, dW2],
  ["b2", b2, db2],
  ["hpreact", hpreact, dhpreact],
  ["bngain", bngain, dbngain],
  ["bnbias", bnbias, dbnbias],
  ["bnraw", bnraw, dbnraw],
  ["bnvarInv", bnvarInv, dbnvarInv],
  ["bnvar", bnvar, dbnvar],
  ["bndiff2", bndiff2, dbndiff2],
  ["bndiff", bndiff, dbndiff],
  ["bnmean", bnmean, dbnmean],
  ["hprebn", hprebn, dhprebn],
  ["embcat", embcat, dembcat],
  ["W1", W1, dW1],
  ["b1", b1, db1],
  ["emb", emb, demb],
  ["C", C, dC],
];

// Exercise 2: cross-entropy in one step. What is left of eight lines is "the probabilities, minus 1 at the right one".
const dlogitsFused = mul(sub(softmax(logits), target), 1 / n);

// Exercise 3: batch normalization in one step.
const dhprebnFused = mul(
  mul(mul(bngain, bnvarInv), 1 / n),
  sub(sub(mul(dhpreact, n), sum(dhpreact, rows)), mul(mul(bnraw, n / (n - 1)), sum(mul(dhpreact, bnraw), rows))),
);

const automatic = grad(
  loss,
  steps.map(([, value]) => value),
);

/** Largest difference between a gradient by hand and the one that `grad` built, and that gradient's largest element. */
export const differences = new Map<string, { difference: number; largest: number }>();
for (const [index, [name, , byHand]] of steps.entries()) await compare(name, byHand, automatic[index]);
await compare("logits, fused", dlogitsFused, gradientOf("logits"));
await compare("hprebn, fused", dhprebnFused, gradientOf("hprebn"));

/** The loss in steps, and by the library. */
export const losses = await evaluate({ inSteps: loss, byLibrary: crossEntropy(logits, Y) });

console.log(
  `loss ${Number(losses.inSteps.data[0]).toFixed(6)}, by the library ${Number(losses.byLibrary.data[0]).toFixed(6)}\n`,
);
console.log("gradient          largest element   largest difference from grad");
for (const [name, { largest, difference }] of differences) {
  console.log(
    `${name.padEnd(16)}  ${largest.toExponential(2).padStart(15)}   ${difference.toExponential(2).padStart(27)}`,
  );
}

async function compare(name: string, byHand: Tensor, expected: Tensor): Promise<void> {
  const { a, b } = await evaluate({ a: byHand, b: expected });
  const expectedValues = numbers(b);
  const gaps = numbers(a).map((value, index) => Math.abs(value - expectedValues[index]));
  differences.set(name, { difference: Math.max(...gaps), largest: Math.max(...expectedValues.map(Math.abs)) });
}

function gradientOf(name: string): Tensor {
  return automatic[steps.findIndex(([step]) => step === name)];
}
