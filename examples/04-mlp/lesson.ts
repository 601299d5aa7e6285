/**
 * Lesson 4: three letters of context and a hidden layer. Run it: npm run lesson -- 4 [--data names.txt]
 */

import { DocumentContexts } from "@llm-learning/datasets";
import { Rng } from "@llm-learning/init";
import { MLP } from "@llm-learning/models";
import { parameterCount } from "@llm-learning/nn-core";
import { fit, lossOf } from "../fit.ts";
import { steps } from "../lessonLength.ts";
import { readNames, spell } from "../names.ts";

const { tokenizer, boundary, train, validation } = await readNames();
const blockSize = 3;

// A name gives as many examples as it has letters, and one for its end.
const examples = new DocumentContexts(train, { boundary, blockSize });
const held = new DocumentContexts(validation, { boundary, blockSize });
const inputs = new Int32Array(5 * blockSize);
const targets = new Int32Array(5);
for (let row = 0; row < 5; row++) {
  examples.write(row, inputs, targets, row);
  console.log(
    `${spell(inputs.subarray(row * blockSize, (row + 1) * blockSize), tokenizer)} -> ${spell([targets[row]], tokenizer)}`,
  );
}

// Each letter has a vector of ten numbers; three of them side by side go through a tanh layer of 200, and that to 27 scores.
const model = new MLP(
  { vocabSize: tokenizer.vocabSize, blockSize, nEmbd: 10, nHidden: 200, init: "kaiming" },
  { rng: new Rng(2147483647) },
);
export const parameters = parameterCount(model);
console.log(`\n${parameters} parameters, ${examples.size} examples to train on, ${held.size} to validate with\n`);

// Batches of 32 drawn at random: the gradient is rough, and a step costs next to nothing. The learning rate falls to a tenth half
// way: large steps to get near, small ones to settle.
const total = steps(40_000, 2000);
export const before = await lossOf(model, held);
export const losses = await fit(model, examples, {
  steps: total,
  batchSize: 32,
  rng: new Rng(42),
  learningRate: (step) => (step < total / 2 ? 0.1 : 0.01),
  onStep: (step, loss) => {
    if (step % (total / 10) === 0)
      console.log(`step ${String(step).padStart(6)}  loss of its batch ${loss.toFixed(3)}`);
  },
});
export const after = { train: await lossOf(model, examples), validation: await lossOf(model, held) };
console.log(
  `\nmean loss over all examples: ${after.train.toFixed(3)} in training, ${after.validation.toFixed(3)} on names it has not seen`,
);
