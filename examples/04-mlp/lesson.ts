/**
 * Lesson 4: three letters of context and a hidden layer. Run it: npm run lesson -- 4 [--data names.txt]
 */

import { DocumentContexts } from "@llm-learning/datasets";
import { embeddingScatter, learningRateFinder, lossCurve } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { MLP } from "@llm-learning/models";
import { parameterCount } from "@llm-learning/nn-core";
import { draw } from "../drawing.ts";
import { fit, lossOf } from "../fit.ts";
import { steps } from "../lessonLength.ts";
import { readNames, spell } from "../names.ts";
import { write } from "../write.ts";

const { words, tokenizer, boundary, train, validation } = await readNames();
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
const makeModel = (nEmbd: number, nHidden: number): MLP =>
  new MLP({ vocabSize: tokenizer.vocabSize, blockSize, nEmbd, nHidden, init: "kaiming" }, { rng: new Rng(2147483647) });
const model = makeModel(10, 200);
export const parameters = parameterCount(model);
console.log(`\n${parameters} parameters, ${examples.size} examples to train on, ${held.size} to validate with\n`);

// How large a step? Try them all: a thousand steps, each a little larger than the one before, and look where the loss falls fastest.
const tries = steps(1000, 200);
const learningRates = Array.from({ length: tries }, (_, step) => 10 ** (-3 + (3 * step) / (tries - 1)));
export const sweep = await fit(makeModel(10, 200), examples, {
  steps: tries,
  batchSize: 32,
  rng: new Rng(42),
  learningRate: (step) => learningRates[step],
});
export const sweepPlot = await draw("04-learning-rates", learningRateFinder({ learningRates, losses: sweep }));

// Batches of 32 drawn at random: the gradient is rough, and a step costs next to nothing. The learning rate falls to a tenth half
// way: large steps to get near, small ones to settle.
const total = steps(40_000, 1000);
const learn = {
  steps: total,
  batchSize: 32,
  rng: new Rng(42),
  learningRate: (step: number): number => (step < total / 2 ? 0.1 : 0.01),
};
console.log("");
export const before = await lossOf(model, held);
export const losses = await fit(model, examples, {
  ...learn,
  onStep: (step, loss) => {
    if (step % (total / 10) === 0)
      console.log(`step ${String(step).padStart(6)}  loss of its batch ${loss.toFixed(3)}`);
  },
});
export const after = { train: await lossOf(model, examples), validation: await lossOf(model, held) };
console.log(
  `\nmean loss over all examples: ${after.train.toFixed(3)} in training, ${after.validation.toFixed(3)} on names it has not seen`,
);

export const curve = await draw("04-loss", lossCurve({ train: { values: losses } }));

// It writes names. Some of them are in the list: a good model of names cannot but find them.
const written = await write(model, { start: boundary, end: boundary, length: 30, count: 10, rng: new Rng(2147483647) });
const known = new Set(words);
export const names = written.map((ids) => tokenizer.decode(ids));
console.log(`\nit writes: ${names.map((name) => (known.has(name) ? `${name} (in the list)` : name)).join(", ")}`);

// What does it know of letters? Ten dimensions cannot be drawn: here is a model with two.
const flatland = makeModel(2, 100);
await fit(flatland, examples, { ...learn, steps: steps(40_000, 300) });
const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => spell([id], tokenizer));
const embedding = flatland.tokenEmbedding.weight.data; // [V, 2]
console.log(`\nwith two numbers for a letter: ${(await lossOf(flatland, held)).toFixed(3)} on names it has not seen`);
export const scatter = await draw("04-letters", embeddingScatter({ embedding, tokens }));
