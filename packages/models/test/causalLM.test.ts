import { type CausalLM, GPT, type GPTOptions, Llama, traceCausalLM } from "@llm-learning/models";
import { Rng } from "@llm-learning/init";
import {
  compile,
  type Feeds,
  graphOf,
  input,
  type Program,
  referenceEngine,
  trainableParameters,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const V = 13;
const sizes: GPTOptions = { vocabSize: V, blockSize: 12, nLayer: 2, nHead: 2, nEmbd: 8 };
// PyTorch's initialization: logits of size 1, so that an error shows.
const gpt = new GPT({ ...sizes, init: "torch" }, { rng: new Rng(3) });

/** The same sizes of the cache: half as many heads of keys as of queries, wider than nEmbd / nHead. */
const llama = new Llama(
  { ...sizes, nHead: 4, nKeyValueHead: 2, headDim: 4, qkNorm: true, softCap: 2 },
  { rng: new Rng(3) },
);
// GPT-2's weights of 0.02 would give logits in which no error shows.
for (const { data } of trainableParameters(llama).values()) for (let i = 0; i < data.length; i++) data[i] *= 15;

const models: [name: string, model: CausalLM][] = [
  ["a GPT", gpt],
  ["a Llama", llama],
];

/** float32 roundings of 6e-8, in another order of sums, on logits of size 1 after two blocks. */
const ROUNDING = 2e-6;

interface Cached {
  length: number;
  feeds: Feeds;
}

const emptyCache = (batch: number): Cached => ({
  length: 0,
  feeds: Object.fromEntries(
    [0, 1].flatMap((layer) =>
      ["key", "value"].map((part) => [
        `past_key_values.${layer}.${part}`,
        { shape: [batch, 2, 0, 4], data: new Float32Array() },
      ]),
    ),
  ),
});

interface Request {
  /** Rows of equal length. */
  ids: number[][];
  positions: number[][];
  /** Rows as long as the cache and the new tokens together. */
  mask: number[][];
}

const int64 = (rows: number[][]) => ({
  shape: [rows.length, rows[0].length],
  data: BigInt64Array.from(rows.flat(), BigInt),
});

/** Logits of the new tokens, row by row, and the cache that follows. */
async function step(program: Program, { ids, positions, mask }: Request, past: Cached) {
  const result = await program.run({
    input_ids: int64(ids),
    attention_mask: int64(mask),
    position_ids: int64(positions),
    ...past.feeds,
  });
  const { logits, ...present } = result;
  const rows = ids.map((row, b) => logits.data.slice(b * row.length * V, (b + 1) * row.length * V) as Float32Array);
  const feeds = Object.fromEntries(
    Object.entries(present).map(([name, { shape, data }]) => [
      name.replace("present", "past_key_values"),
      { shape, data: data.slice() },
    ]),
  );
  return { rows, past: { length: past.length + ids[0].length, feeds }, shape: logits.shape };
}

/** Logits of every token of one sequence, by the model's plain forward pass. */
async function recompute(model: CausalLM, ids: number[]): Promise<Float32Array> {
  const graph = graphOf({ logits: model.forward(input("inputIds", [1, ids.length], "int32")).logits });
  const { logits } = await (await compile(referenceEngine(), graph)).run({ inputIds: Int32Array.from(ids) });
  return logits.data as Float32Array;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const ones = (length: number): number[] => range(0, length).map(() => 1);

describe.each(models)("the inference graph of %s", (_, model) => {
  const graph = traceCausalLM(model);

  it("has the inputs and outputs that transformers.js and optimum expect", () => {
    const describeType = ([name, { dtype, shape }]: [string, { dtype: string; shape: readonly (string | number)[] }]) =>
      `${name} ${dtype} [${shape.join(", ")}]`;
    expect([...graph.inputs].map(describeType)).toEqual([
      "input_ids int64 [batch_size, sequence_length]",
      "attention_mask int64 [batch_size, total_sequence_length]",
      "position_ids int64 [batch_size, sequence_length]",
      "past_key_values.0.key float32 [batch_size, 2, past_sequence_length, 4]",
      "past_key_values.0.value float32 [batch_size, 2, past_sequence_length, 4]",
      "past_key_values.1.key float32 [batch_size, 2, past_sequence_length, 4]",
      "past_key_values.1.value float32 [batch_size, 2, past_sequence_length, 4]",
    ]);
    expect([...graph.outputs].map(describeType)).toEqual([
      "logits float32 [batch_size, sequence_length, 13]",
      "present.0.key float32 [batch_size, 2, total_sequence_length, 4]",
      "present.0.value float32 [batch_size, 2, total_sequence_length, 4]",
      "present.1.key float32 [batch_size, 2, total_sequence_length, 4]",
      "present.1.value float32 [batch_size, 2, total_sequence_length, 4]",
    ]);
  });

  it.each([
    ["one by one", [1, 1, 1, 1, 1, 1, 1]],
    ["a prompt, then one by one", [4, 1, 1, 1]],
    ["all at once", [7]],
    ["in pieces", [2, 3, 2]],
  ])("given tokens %s, has the logits of computing everything again", async (_, pieces) => {
    const program = await compile(referenceEngine(), graph);
    const ids = [3, 1, 4, 1, 5, 9, 2];
    const expected = await recompute(model, ids);
    let past = emptyCache(1);
    const logits: number[] = [];
    for (const length of pieces) {
      const from = past.length;
      const to = from + length;
      const request = { ids: [ids.slice(from, to)], positions: [range(from, to)], mask: [ones(to)] };
      const result = await step(program, request, past);
      expect(result.shape).toEqual([1, length, V]);
      logits.push(...result.rows[0]);
      past = result.past;
    }
    expect(logits).toBeAllclose(expected, { atol: ROUNDING });
  });

  it("gives rows of a batch that are padded on the left the logits they have alone", async () => {
    const program = await compile(referenceEngine(), graph);
    const prompts = [
      [3, 1, 4, 1, 5],
      [9, 2],
      [6, 5, 3],
    ];
    const longest = 5;
    const pads = prompts.map(({ length }) => longest - length);
    const padded = (fill: number): Request => ({
      ids: prompts.map((row, b) => [...ones(pads[b]).map(() => fill), ...row]),
      positions: prompts.map((row, b) => [...ones(pads[b]).map(() => 0), ...range(0, row.length)]),
      mask: prompts.map((row, b) => [...ones(pads[b]).map(() => 0), ...ones(row.length)]),
    });
    const next = [7, 8, 10];
    for (const fill of [0, 12]) {
      const request = padded(fill);
      const first = await step(program, request, emptyCache(3));
      const second = await step(
        program,
        {
          ids: next.map((id) => [id]),
          positions: prompts.map(({ length }) => [length]),
          mask: request.mask.map((row) => [...row, 1]),
        },
        first.past,
      );
      for (const [b, prompt] of prompts.entries()) {
        const alone = await recompute(model, [...prompt, next[b]]);
        const together = [...first.rows[b].slice(pads[b] * V), ...second.rows[b]];
        expect(together).toBeAllclose(alone, { atol: ROUNDING });
      }
    }
  });

  it("gives finite logits for padding too", async () => {
    const program = await compile(referenceEngine(), graph);
    const request = { ids: [[0, 0, 5]], positions: [[0, 0, 0]], mask: [[0, 0, 1]] };
    const { rows } = await step(program, request, emptyCache(1));
    expect(rows[0].every(Number.isFinite)).toBe(true);
  });

  it("names the input whose length does not fit the others", async () => {
    const program = await compile(referenceEngine(), graph);
    const request = { ids: [[1, 2]], positions: [[0, 1, 2]], mask: [[1, 1]] };
    await expect(step(program, request, emptyCache(1))).rejects.toThrow(
      /run: expected \[batch_size, sequence_length\] for input "position_ids" where .+sequence_length = 2.+got \[1, 3\]/,
    );
  });
});

it("the inference graph draws no random numbers, whatever the dropout in training", () => {
  const dropped = new GPT({ ...sizes, dropout: 0.5 }, { rng: new Rng(1) });
  expect([...traceCausalLM(dropped).inputs.keys()]).toEqual([...traceCausalLM(gpt).inputs.keys()]);
});

it.each(models)("%s given a cache counts positions on from it", async (_, model) => {
  const ids = [3, 1, 4, 1, 5];
  const P = 3;
  const before = model.forward(input("before", [1, P], "int32"));
  const { logits } = model.forward(input("next", [1, 2], "int32"), { past: before.present });
  const program = await compile(referenceEngine(), graphOf({ first: before.logits, second: logits }));
  const { first, second } = await program.run({
    before: Int32Array.from(ids.slice(0, P)),
    next: Int32Array.from(ids.slice(P)),
  });
  const together = [...(first.data as Float32Array), ...(second.data as Float32Array)];
  expect(together).toBeAllclose(await recompute(model, ids), { atol: ROUNDING });
});
