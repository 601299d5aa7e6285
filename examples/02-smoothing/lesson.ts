/**
 * Lesson 2: what never occurred is not impossible. Run it: npm run lesson -- 2 [--data names.txt]
 */

import {
  addK,
  fitWeights,
  interpolated,
  katz,
  kneserNey,
  modifiedKneserNey,
  NGramCounts,
  type NGramModel,
} from "@llm-learning/evaluation";
import { Rng } from "@llm-learning/init";
import { readNames, spell } from "../names.ts";

const { tokenizer, boundary, all, train, validation, test } = await readNames();
const V = tokenizer.vocabSize;
const count = (part: typeof all, order: number): NGramCounts =>
  NGramCounts.from(part, { order, vocabSize: V, boundary });

// Lesson 1 counted all names and measured its loss on the same names. Count four fifths instead, and look at names that were not
// counted: a single pair that never came before makes the loss infinite.
const bigrams = count(train, 2);
export const infinite = addK(bigrams, 0).evaluate(validation);
console.log(`counted on the names to train with, k = 0: loss ${infinite.averageNll} on other names, because of`);
for (const { context, token, count } of infinite.impossibleGrams) {
  console.log(`  ${spell([...context, token], tokenizer)}  ${times(count)}, and never in training`);
}

// Pretend that every pair came k times more than it did. Nothing is impossible now, and the larger k is, the more even the rows.
export const bigramLosses = [0, 1, 5, 10, 100, 1000].map((k) => losses(2, k));
export const trigramLosses = [0, 0.1, 1].map((k) => losses(3, k));
console.log("\nmean loss in nats      all names, counted on themselves   to train with   held out");
for (const row of bigramLosses) console.log(line("bigrams", row));
for (const row of trigramLosses) console.log(line("trigrams", row));

// Longer grams. k is chosen by the validation part, for each order anew; then the test part is looked at once.
const choices = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const counts = count(train, 6);
export const orders = [1, 2, 3, 4, 5, 6].map((order) => {
  const grams = counts.withOrder(order);
  const lossOn = (part: typeof all, model: NGramModel): number => model.evaluate(part).averageNll;
  const tried = choices.map((k) => ({ k, loss: lossOn(validation, addK(grams, k)) }));
  const { k } = tried.reduce((best, next) => (next.loss < best.loss ? next : best));
  const contexts = order === 1 ? 1 : grams.distinct(order - 1);
  return {
    order,
    contexts,
    k,
    addK: lossOn(test, addK(grams, k)),
    // The other methods ask shorter grams where a long one is not known, each in its own way.
    interpolated: lossOn(test, interpolated(grams, fitWeights(grams, validation, { tolerance: 1e-5 }))),
    katz: lossOn(test, katz(grams)),
    kneserNey: lossOn(test, kneserNey(grams)),
    modified: lossOn(test, modifiedKneserNey(grams)),
  };
});
console.log("\nloss on the test part");
console.log("grams  contexts seen  best k   add-k  interpolated    Katz  Kneser-Ney  modified");
for (const { order, contexts, k, ...losses } of orders) {
  const [added, mixed, backedOff, continued, modified] = Object.values(losses).map((loss) => loss.toFixed(4));
  console.log(
    `${order}      ${String(contexts).padStart(13)}  ${String(k).padStart(6)}  ${added}        ${mixed}  ${backedOff}      ${continued}    ${modified}`,
  );
}

// Why shorter grams are worth asking: after a context that was seen once, add-k knows one letter, and a shorter one knows more.
const fivegrams = counts.withOrder(5);
const contexts = [...train.keys()].slice(4).map((i) => [...train.subarray(i - 4, i)]);
const once = contexts.filter((gram) => counts.count(gram) === 1);
const context = once.find((gram) => !gram.includes(boundary) && counts.count([...gram, boundary]) === 0)!;
const models = { "add-k": addK(fivegrams, orders[4].k), "Kneser-Ney": kneserNey(fivegrams) };
console.log(
  `\n${once.length} contexts of four letters came once, "${spell(context, tokenizer)}" among them. What follows it?`,
);
for (const [name, model] of Object.entries(models)) {
  const likely = Array.from(model.distribution(context), (probability, letter) => ({ letter, probability }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, 6)
    .map(({ letter, probability }) => `${spell([letter], tokenizer)} ${probability.toFixed(3)}`);
  console.log(`  ${name.padEnd(10)}  ${likely.join("  ")}`);
}

const best = modifiedKneserNey(fivegrams);
const rng = new Rng(2147483647);
const written = Array.from({ length: 8 }, () => spell(best.generate({ rng, maxTokens: 30 }), tokenizer));
console.log(`\nmodified Kneser-Ney with 5-grams writes: ${written.join(", ")}`);

function losses(order: number, k: number) {
  const model = addK(count(train, order), k);
  return {
    k,
    all: addK(count(all, order), k).evaluate(all).averageNll,
    train: model.evaluate(train).averageNll,
    validation: model.evaluate(validation).averageNll,
  };
}

function line(name: string, { k, ...columns }: (typeof bigramLosses)[number]): string {
  const [whole, train, validation] = Object.values(columns).map((loss) => loss.toFixed(7));
  return `${name.padEnd(9)}k = ${String(k).padEnd(5)} ${whole.padStart(37)}${train.padStart(16)}${validation.padStart(11)}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
