/**
 * Lesson 3: the table of lesson 1, found by gradient descent. Run it: npm run lesson -- 3 [--data names.txt]
 */

import { addK, NGramCounts } from "@llm-learning/evaluation";
import { Rng } from "@llm-learning/init";
import { Bigram } from "@llm-learning/models";
import { compile, grad, SGD, trace, trainableParameters, Training } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { steps } from "../lessonLength.ts";
import { readNames } from "../names.ts";

const { tokenizer, boundary, all } = await readNames();
const V = tokenizer.vocabSize;
const N = all.length;

// Every pair is an example: a letter, and the one that follows it.
const targets = Int32Array.from(all); // [N, 1]
const inputs = Int32Array.from({ length: N }, (_, i) => (i === 0 ? boundary : targets[i - 1])); // [N, 1]

// The model is a table of V x V scores, random at first. A softmax turns a row into probabilities, and the loss is what lesson 1
// measured: the mean of -log of the probability of what came. Training pulls the scores a little towards 0 all along, which does what
// counting every pair a few times more does in lesson 2.
const model = new Bigram({ vocabSize: V, blockSize: 1, penalty: 0.01 }, { rng: new Rng(2147483647) });
const parameters = trainableParameters(model);
const spec = { shape: [N, 1], dtype: "int32" } as const;
const graph = trace({ inputs: spec, targets: spec }, (given) => {
  const objective = model.loss(given.inputs, given.targets, new Training()); // with the pull
  const gradients = grad(objective, [...parameters.values()]);
  const named = [...parameters.keys()].map((name, i) => [name, gradients[i]]);
  return { loss: model.loss(given.inputs, given.targets), ...Object.fromEntries(named) };
});
const program = await compile(onnxruntimeEngine(), graph);

// All examples at once, and a learning rate of 50: the gradient of a mean over so many is small and smooth.
const optimizer = new SGD([{ parameters, weightDecay: 0 }]);
export const losses: number[] = [];
const last = steps(300, 60);
for (let step = 0; step <= last; step++) {
  const { loss, ...gradients } = await program.run({ inputs, targets });
  losses.push(Number(loss.data[0]));
  if (step % 20 === 0) console.log(`step ${String(step).padStart(3)}  loss ${losses[step].toFixed(4)}`);
  const named = Object.entries(gradients).map(([name, { data }]) => [name, data as Float32Array]);
  optimizer.step(Object.fromEntries(named), { learningRate: 50 });
}
await program.dispose();

// Counting finds the best table at once. Gradient descent comes close to it, and, unlike counting, it still works when the table is
// replaced by something that could not be counted.
const counted = addK(NGramCounts.from(all, { order: 2, vocabSize: V, boundary }), 0);
export const best = counted.evaluate(all).averageNll;
console.log(`\ncounted: ${best.toFixed(4)}`);
const row = softmaxOf(model.table.weight.data.subarray(0, V));
export const firstLetters = Array.from({ length: V }, (_, letter) => ({
  letter: tokenizer.decode([letter]).replace("\n", "."),
  learned: row[letter],
  counted: counted.probability([boundary], letter),
}));
const shown = firstLetters.toSorted((a, b) => b.counted - a.counted).slice(0, 6);
console.log("\nhow names begin    learned  counted");
for (const { letter, learned, counted } of shown)
  console.log(`${letter.padEnd(16)}     ${learned.toFixed(4)}   ${counted.toFixed(4)}`);

function softmaxOf(scores: Float32Array): number[] {
  const powers = Array.from(scores, Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
