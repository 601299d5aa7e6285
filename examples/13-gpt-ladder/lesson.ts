/**
 * Lesson 13: from a table of bigrams to a GPT, one idea at a time. Run it: npm run lesson -- 13 [--data tinyshakespeare.txt]
 */

import { TextWindows } from "@llm-learning/datasets";
import { attentionMap, tokenLoss } from "@llm-learning/diagnostics";
import { kneserNey, NGramCounts } from "@llm-learning/evaluation";
import { expectedInitialLoss, Rng } from "@llm-learning/init";
import { Bigram, GPT, LadderGPT, type LadderGPTConfig, type LanguageModel } from "@llm-learning/models";
import { constant, parameterCount, slice, taps } from "@llm-learning/nn-core";
import { tokenProbabilities } from "@llm-learning/onnx";
import { readBook } from "../book.ts";
import { draw } from "../drawing.ts";
import { evaluate, numbers } from "../evaluate.ts";
import { fit, lossOf } from "../fit.ts";
import { steps } from "../lessonLength.ts";
import { write } from "../write.ts";

const { tokenizer, train, validation } = await readBook();
const vocabSize = tokenizer.vocabSize;
export const expected = expectedInitialLoss(vocabSize);
console.log(
  `${train.length} characters to train on, ${validation.length} to validate with, ${vocabSize} kinds: ln ${vocabSize} = ${expected.toFixed(3)}\n`,
);
console.log("rung                    parameters  first loss  loss on the rest");

// Each rung has what the one before it has, and one idea more. All of them see eight characters.
const small = { vocabSize, blockSize: 8, nEmbd: 32, nHead: 4, nLayer: 3 };
const rng = (): Rng => new Rng(1337);
const ladder = (rung: LadderGPTConfig["rung"]): LadderGPT => new LadderGPT({ ...small, rung }, { rng: rng() });
const learnTable = { steps: steps(3000, 50), batchSize: 32, learningRate: 1e-2 };
const learn = { steps: steps(5000, 50), batchSize: 32, learningRate: 1e-3 };

export const rungs = {
  bigram: await climb("a table of bigrams", new Bigram({ vocabSize, blockSize: 8 }, { rng: rng() }), learnTable),
  head: await climb("one head of attention", ladder("head"), learn),
  heads: await climb("four heads", ladder("heads"), learn),
  feedForward: await climb("+ feed-forward", ladder("feed-forward"), learn),
  residual: await climb("+ residual, 3 blocks", ladder("residual"), learn),
  layerNorm: await climb("+ LayerNorm", ladder("layer-norm"), learn),
};

// The finished model of the lecture's notebook: the same ideas, four blocks, 64 wide, 32 characters.
const sizes = { vocabSize, blockSize: 32, nEmbd: 64, nHead: 4, nLayer: 4 };
const gpt = new GPT(
  { ...sizes, tieWeights: false, outputBias: true, qkvBias: false, activation: "relu", init: "torch" },
  { rng: rng() },
);
export const finished = await climb("GPT, 32 characters", gpt, { ...learn, batchSize: 16 });

// What counting gets there (lesson 2): grams of five characters.
const counts = NGramCounts.from(train, { order: steps(5, 3), vocabSize });
export const counted = kneserNey(counts).evaluate(validation).averageNll;
console.log(`${"counted 5-grams".padEnd(46)}  ${counted.toFixed(3).padStart(16)}`);

const [ids] = await write(gpt, { start: tokenizer.encode("\n")[0], length: steps(400, 40), rng: rng() });
export const text = tokenizer.decode(ids);
console.log(`\nthe GPT writes:\n\n${text}`);

// What does it look at, and where is it surprised? A passage that it has not seen: each character after the 32 before it.
const places = steps(200, 4);
const T = sizes.blockSize;
const windows = new TextWindows(validation, T);
const inputs = new Int32Array(places * T);
const targets = new Int32Array(places * T);
for (let place = 0; place < places; place++) windows.write(place, inputs, targets, place);
const { logits } = gpt.forward(constant(inputs, [places, T])); // [places, T, V]
const lastLogits = slice(logits, { axis: 1, start: T - 1 }); // [places, 1, V]
const heard = taps([logits]).get(`blocks.${sizes.nLayer - 1}.attention.probabilities`)!.value; // [places, H, T, T]
const seen = await evaluate({ lastLogits, attention: slice(heard, { axis: 0, start: 0, end: 1 }) });
const scores = seen.lastLogits.data as Float32Array;
const characterAt = (place: number): string => tokenizer.decode([validation[place]]);
export const losses = Array.from({ length: places }, (_, place) => {
  const probabilities = tokenProbabilities(scores.subarray(place * vocabSize, (place + 1) * vocabSize));
  return -Math.log(probabilities[validation[place + T]]);
});
export const plots = [
  await draw(
    "13-attention",
    attentionMap({
      probabilities: numbers(seen.attention), // [H, T, T]
      tokens: Array.from({ length: T }, (_, t) => characterAt(t)),
    }),
  ),
  await draw("13-losses", tokenLoss({ tokens: losses.map((_, place) => characterAt(place + T)), losses })),
];

interface Lesson {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

async function climb(name: string, model: LanguageModel, { learningRate, ...lesson }: Lesson) {
  const { blockSize } = model.config;
  const examples = new TextWindows(train, blockSize);
  const held = new TextWindows(validation, blockSize);
  const windows = steps(Math.floor(validation.length / blockSize), 128);
  const first = await lossOf(model, held, windows);
  const options = { ...lesson, rng: rng(), learningRate: () => learningRate, optimizer: "adamw" } as const;
  await fit(model, examples, options);
  const loss = await lossOf(model, held, windows);
  const parameters = parameterCount(model);
  console.log(
    `${name.padEnd(24)}${String(parameters).padStart(10)}  ${first.toFixed(3).padStart(10)}  ${loss.toFixed(3).padStart(16)}`,
  );
  return { parameters, first, loss };
}
