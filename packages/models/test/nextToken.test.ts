import { Rng } from "@llm-learning/init";
import {
  Bigram,
  ConvNet,
  GPT,
  GRU,
  LadderGPT,
  type LanguageModel,
  MLP,
  RNN,
  traceNextToken,
  WaveNet,
} from "@llm-learning/models";
import { compile, graphOf, input, referenceEngine } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const sizes = { vocabSize: 7, blockSize: 4 };
const rng = new Rng(1);
const models: [string, LanguageModel][] = [
  ["Bigram", new Bigram(sizes, { rng })],
  ["GPT", new GPT({ ...sizes, nLayer: 2, nHead: 2, nEmbd: 6, init: "torch" }, { rng })],
  ["LadderGPT", new LadderGPT({ ...sizes, nLayer: 2, nHead: 2, nEmbd: 6, rung: "layer-norm" }, { rng })],
  ["RNN", new RNN({ ...sizes, nEmbd: 3, nHidden: 5 }, { rng })],
  ["GRU", new GRU({ ...sizes, nEmbd: 3, nHidden: 5 }, { rng })],
  ["ConvNet", new ConvNet({ ...sizes, nEmbd: 3, nLayer: 2 }, { rng })],
  ["WaveNet", new WaveNet({ ...sizes, nEmbd: 3, nHidden: 5 }, { rng })],
  ["MLP", new MLP({ ...sizes, nEmbd: 3, nHidden: 5, init: "raw" }, { rng })],
];

/** Scores of the token after `ids`, by the model itself. */
async function direct(model: LanguageModel, ids: readonly number[]): Promise<number[]> {
  const { logits } = model.forward(input("inputIds", [1, ids.length], "int32"));
  const program = await compile(referenceEngine(), graphOf({ logits }));
  const result = await program.run({ inputIds: Int32Array.from(ids) });
  return Array.from(result.logits.data.slice(-7), Number);
}

describe.each(models)("the inference graph of %s", (_, model) => {
  const graph = traceNextToken(model);
  const every = model.predicts === "every";
  const anyLength = every && model.staticLength !== true;

  it("reads tokens as int64 and gives a row of scores for each that is predicted", () => {
    const [[inputName, ids], ...others] = graph.inputs;
    expect([inputName, ids.dtype, ids.shape]).toEqual([
      "input_ids",
      "int64",
      ["batch_size", anyLength ? "sequence_length" : 4],
    ]);
    expect(others).toEqual([]);
    const rows = anyLength ? "sequence_length" : every ? 4 : 1;
    expect([...graph.outputs].map(([name, { shape }]) => [name, shape])).toEqual([["logits", ["batch_size", rows, 7]]]);
  });

  it.each(every ? [1, 2, 3, 4] : [4])("gives the scores that the model gives after a text of %d tokens", async (n) => {
    const texts = [
      [3, 1, 4, 1],
      [5, 6, 2, 0],
    ].map((ids) => ids.slice(0, n));
    const program = await compile(referenceEngine(), graph);
    for (const filler of [0, 6]) {
      const fed = anyLength ? texts : texts.map((ids) => [...ids, ...Array<number>(4 - n).fill(filler)]);
      const { logits } = await program.run({
        input_ids: { shape: [2, fed[0].length], data: BigInt64Array.from(fed.flat(), BigInt) },
      });
      const [, rows, V] = logits.shape;
      for (const [index, ids] of texts.entries()) {
        const from = (index * rows + Math.min(n, rows) - 1) * V;
        // float32 roundings in another order of sums.
        expect(logits.data.slice(from, from + V)).toBeAllclose(await direct(model, ids), { atol: 2e-6 });
      }
    }
  });
});

it("a text longer than the window is refused when the graph runs", async () => {
  const program = await compile(referenceEngine(), traceNextToken(models[1][1]));
  const input_ids = { shape: [1, 5], data: BigInt64Array.from([1n, 2n, 3n, 4n, 5n]) };
  await expect(program.run({ input_ids })).rejects.toThrow(/embedding: expected .*got 4/);
});
