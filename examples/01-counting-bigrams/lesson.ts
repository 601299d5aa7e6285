/**
 * Lesson 1: a language model that counts. Run it: npm run lesson -- 1 [--data names.txt]
 */

import { bigramHeatmap } from "@llm-learning/diagnostics";
import { addK, likelihoodOfProbabilities, NGramCounts } from "@llm-learning/evaluation";
import { Rng } from "@llm-learning/init";
import { draw } from "../drawing.ts";
import { readNames, spell } from "../names.ts";

const { words, tokenizer, boundary, all } = await readNames();
const V = tokenizer.vocabSize;

// How often does one letter follow another? The boundary, id 0 and written ".", is a letter like any other.
const counts = NGramCounts.from(all, { order: 2, vocabSize: V, boundary });
const common = Array.from({ length: V * V }, (_, pair) => [Math.floor(pair / V), pair % V])
  .map((gram) => ({ gram, count: counts.count(gram) }))
  .toSorted((a, b) => b.count - a.count);
export const unseen = common.filter(({ count }) => count === 0).length;
console.log(`${words.length} names, ${all.length} bigrams; ${unseen} of ${V * V} kinds never occur`);
console.log(
  `the most common: ${common
    .slice(0, 8)
    .map(({ gram, count }) => `${spell(gram, tokenizer)} ${count}`)
    .join(", ")}`,
);
const letters = Array.from({ length: V }, (_, letter) => letter);
const tokens = letters.map((letter) => spell([letter], tokenizer));
const table = letters.flatMap((letter) => [...counts.followers([letter])]); // [V, V], a row for each first letter
export const heatMap = await draw("01-bigrams", bigramHeatmap({ counts: table, tokens }));

// Counts in a row, divided by their sum, are probabilities: that is the whole model.
const model = addK(counts, 0);
const rng = new Rng(2147483647);
const names = Array.from({ length: 8 }, () => spell(model.generate({ rng, maxTokens: 30 }), tokenizer));
console.log(`\nit writes: ${names.join(", ")}\n`);

// How good is it? The probability of all names is the product over their bigrams: far too small for a number. Its logarithm is a
// sum; with the sign turned it is a loss; divided by the number of bigrams it can be compared.
const [first] = words;
const ids = [boundary, ...tokenizer.encode(first), boundary];
const probabilities = ids.slice(1).map((next, i) => model.probability([ids[i]], next));
const one = likelihoodOfProbabilities(probabilities);
console.log(`probabilities in "${first}.": ${probabilities.map((p) => p.toFixed(3)).join(" ")}`);
console.log(
  `their product is ${one.likelihood.toExponential(2)}, its logarithm ${one.logLikelihood.toFixed(2)}, their mean loss ${one.averageNll.toFixed(3)}\n`,
);

export const loss = model.evaluate(all).averageNll;
export const uniform = Math.log(V);
console.log(
  `mean loss over all names: ${loss.toFixed(7)} nats, where guessing among ${V} gives ln ${V} = ${uniform.toFixed(5)}`,
);
console.log(`perplexity ${Math.exp(loss).toFixed(2)}: as unsure as among that many equally likely letters\n`);

// A pair that never occurred has probability 0, and a name with it an infinite loss.
const never = common.at(-1)!.gram;
export const impossible = model.evaluate([...never, boundary]);
console.log(
  `"${spell(never, tokenizer)}" never occurs: a name with it has loss ${impossible.averageNll}, because of`,
  impossible.impossibleGrams,
);
