/**
 * Lesson 5: why the first loss is 27. Run it: npm run lesson -- 5 [--data names.txt]
 */

import { DocumentContexts } from "@llm-learning/datasets";
import { lossCurve } from "@llm-learning/diagnostics";
import { expectedInitialLoss, Rng } from "@llm-learning/init";
import { MLP } from "@llm-learning/models";
import { draw } from "../drawing.ts";
import { fit, lossOf } from "../fit.ts";
import { steps } from "../lessonLength.ts";
import { readNames } from "../names.ts";

const { tokenizer, boundary, train, validation } = await readNames();
const V = tokenizer.vocabSize;
const examples = new DocumentContexts(train, { boundary, blockSize: 3 });
const held = new DocumentContexts(validation, { boundary, blockSize: 3 });

// A model that knows nothing should find all letters equally likely: a loss of ln 27.
export const expected = expectedInitialLoss(V);

// With all weights N(0, 1) it is sure of itself instead: a logit is a sum of 200 products, with a standard deviation of about 14.
// Whatever the true letter is, some other one has a logit that is larger by some 27, and -log of the softmax is that difference.
const makeModel = (init: "raw" | "fixed-logits"): MLP =>
  new MLP({ vocabSize: V, blockSize: 3, nEmbd: 10, nHidden: 200, init }, { rng: new Rng(2147483647) });

/** First losses, and the mean loss of each tenth of the training. */
export const results = { raw: await train10("raw"), fixed: await train10("fixed-logits") };

console.log(`\nguessing among ${V} letters: ln ${V} = ${expected.toFixed(4)}\n`);
console.log("                          first loss   mean loss of each tenth of the steps");
show("all weights N(0, 1)", results.raw);
show("output weight * 0.01", results.fixed);

async function train10(init: "raw" | "fixed-logits") {
  const model = makeModel(init);
  const first = await lossOf(model, held);
  const total = steps(10_000, 200);
  const losses = await fit(model, examples, { steps: total, batchSize: 32, rng: new Rng(42), learningRate: () => 0.1 });
  const tenth = total / 10;
  const means = Array.from({ length: 10 }, (_, part) => mean(losses.slice(part * tenth, (part + 1) * tenth)));
  const plot = await draw(`05-loss-${init}`, lossCurve({ train: { values: losses } }, { scale: "linear" }));
  return { first, means, plot };
}

function show(name: string, { first, means }: (typeof results)["raw"]): void {
  console.log(
    `${name.padEnd(26)}${first.toFixed(3).padStart(10)}   ${means.map((value) => value.toFixed(2)).join("  ")}`,
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
