/**
 * Lesson 11: letters fused two by two, as WaveNet does. Run it: npm run lesson -- 11 [--data names.txt]
 */

import { DocumentContexts } from "@llm-learning/datasets";
import { lossCurve } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { type LanguageModel, MLP, WaveNet } from "@llm-learning/models";
import { concat, input, iota, parameterCount, reshape, slice, taps } from "@llm-learning/nn-core";
import { draw } from "../drawing.ts";
import { evaluate, numbers } from "../evaluate.ts";
import { fit, lossOf } from "../fit.ts";
import { steps } from "../lessonLength.ts";
import { readNames, spell } from "../names.ts";

const { tokenizer, boundary, train, validation } = await readNames();
const vocabSize = tokenizer.vocabSize;
const blockSize = 8;
const examples = new DocumentContexts(train, { boundary, blockSize });
const held = new DocumentContexts(validation, { boundary, blockSize });
const inputs = new Int32Array(blockSize);
const targets = new Int32Array(1);
examples.write(4, inputs, targets, 0);
console.log(`eight letters of context: ${spell(inputs, tokenizer)} -> ${spell(targets, tokenizer)}`);

// The flat model squeezes all eight letters into one layer at once. WaveNet fuses neighbours, then neighbours of those, then the two
// halves. Both have about as many parameters.
const rng = new Rng(2147483647);
const flat = new MLP({ vocabSize, blockSize, nEmbd: 24, nHidden: 343, batchNorm: true }, { rng });
const waveNet = new WaveNet({ vocabSize, blockSize, nEmbd: 24, nHidden: 128 }, { rng });
export const parameters = { flat: parameterCount(flat), waveNet: parameterCount(waveNet) };

// How a batch of four goes through: names that the model has given to its values, and their shapes.
const ids = input("inputs", [4, blockSize], "int32");
export const shapes = [...taps([waveNet.forward(ids).logits]).values()].map(
  ({ name, value }) => [name, value.shape] as const,
);
console.log(`\nWaveNet, a batch of [4, ${blockSize}] letters:`);
for (const [name, shape] of shapes) console.log(`  ${name.padEnd(16)} [${shape.join(", ")}]`);

// Fusing neighbours is no computation at all, only another shape: what stands at even places beside what stands at odd ones.
const x = reshape(iota(4 * 8 * 3, "float32"), [4, 8, 3]); // [B, T, C]
const even = slice(x, { axis: 1, start: 0, step: 2 }); // [B, T / 2, C]
const odd = slice(x, { axis: 1, start: 1, step: 2 }); // [B, T / 2, C]
const pairs = await evaluate({ sideBySide: concat([even, odd], { axis: 2 }), reshaped: reshape(x, [4, 4, 6]) });
export const fused = { sideBySide: numbers(pairs.sideBySide), reshaped: numbers(pairs.reshaped) };

// Training, the same for both.
const total = steps(20_000, 300);
export const runs = { flat: await train8("flat", flat), waveNet: await train8("wavenet", waveNet) };
console.log("\n           parameters   loss in training   on names it has not seen");
for (const [name, { train, validation }] of Object.entries(runs)) {
  console.log(
    `${name.padEnd(9)} ${String(parameters[name as keyof typeof runs]).padStart(11)}   ${train.toFixed(3).padStart(16)}   ${validation.toFixed(3).padStart(24)}`,
  );
}

async function train8(name: string, model: LanguageModel) {
  const losses = await fit(model, examples, {
    steps: total,
    batchSize: 32,
    rng: new Rng(42),
    learningRate: (step) => (step < 0.75 * total ? 0.1 : 0.01),
  });
  const plot = await draw(`11-${name}-loss`, lossCurve({ train: { values: losses } }));
  return { train: await lossOf(model, examples), validation: await lossOf(model, held), losses, plot };
}
