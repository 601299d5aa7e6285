/**
 * The loop of generation, over a session that counts: after token n comes token n + 1, modulo the vocabulary. What it is fed
 * is recorded. Real models are generated with where the models are.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import {
  causalLMSignature,
  type GeneratedToken,
  type GenerateOptions,
  Generator,
  type OnnxModel,
  type RowOptions,
} from "@llm-learning/onnx";
import type { Session } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";

const V = 10;
const signature = {
  nLayer: 1,
  nKvHead: 1,
  headDim: 1,
  vocabSize: V,
  blockSize: 4,
  cacheInPlace: false,
  keepsLogits: false,
};

interface Step {
  ids: number[];
  positions: number[];
  mask: number[];
  /** The cache: here, the ids it was made of. */
  past: number[];
}

/** The cache of a token is the token itself, so that what is kept of it can be read. */
function countingSession(steps: Step[] = []): Session {
  const numbers = ({ data }: TensorValue) => Array.from<number | bigint, number>(data as Float32Array, Number);
  return {
    inputNames: [],
    outputNames: [],
    async run(feeds) {
      const ids = numbers(feeds.input_ids);
      const past = numbers(feeds["past_key_values.0.key"]);
      steps.push({ ids, positions: numbers(feeds.position_ids), mask: numbers(feeds.attention_mask), past });
      const [B, T] = feeds.input_ids.shape;
      const P = past.length / B;
      const logits = new Float32Array(B * T * V);
      ids.forEach((id, at) => (logits[at * V + ((id + 1) % V)] = 50));
      const rows = Array.from({ length: B }, (_, b) => [
        ...past.slice(b * P, (b + 1) * P),
        ...ids.slice(b * T, (b + 1) * T),
      ]);
      const present: TensorValue = {
        dtype: "float32",
        shape: [B, 1, P + T, 1],
        data: Float32Array.from(rows.flat()),
      };
      return {
        logits: { dtype: "float32", shape: [B, T, V], data: logits },
        "present.0.key": present,
        "present.0.value": present,
      };
    },
    dispose: () => Promise.resolve(),
  };
}

const generatorOf = (steps: Step[] = []) => new Generator(countingSession(steps), signature);

describe("a generator", () => {
  it("feeds the prompt once, then a token at a time", async () => {
    const steps: Step[] = [];
    expect(await generatorOf(steps).generate([[5, 6]], { maxTokens: 3 })).toEqual([[7, 8, 9]]);
    expect(steps).toEqual([
      { ids: [5, 6], positions: [0, 1], mask: [1, 1], past: [] },
      { ids: [7], positions: [2], mask: [1, 1, 1], past: [5, 6] },
      { ids: [8], positions: [3], mask: [1, 1, 1, 1], past: [5, 6, 7] },
    ]);
  });

  it("pads shorter prompts on the left and hides the padding", async () => {
    const steps: Step[] = [];
    const prompts = [[1, 2, 3], [7]];
    expect(await generatorOf(steps).generate(prompts, { maxTokens: 2 })).toEqual([
      [4, 5],
      [8, 9],
    ]);
    expect(steps).toEqual([
      { ids: [1, 2, 3, 0, 0, 7], positions: [0, 1, 2, 0, 0, 0], mask: [1, 1, 1, 0, 0, 1], past: [] },
      { ids: [4, 8], positions: [3, 1], mask: [1, 1, 1, 1, 0, 0, 1, 1], past: [1, 2, 3, 0, 0, 7] },
    ]);
  });

  it("goes on with the newer half where a context is full, and with all of the others", async () => {
    const steps: Step[] = [];
    await generatorOf(steps).generate([[1, 2, 3], [7]], { maxTokens: 3 });
    // The first row would have 5 tokens, 1 to 5; 4 is the limit, 2 remain.
    expect(steps[2]).toEqual({
      ids: [0, 4, 5, 7, 8, 9],
      positions: [0, 0, 1, 0, 1, 2],
      mask: [0, 1, 1, 1, 1, 1],
      past: [],
    });
  });

  it("reads the last tokens of a prompt beyond the context", async () => {
    const steps: Step[] = [];
    expect(await generatorOf(steps).generate([[1, 2, 3, 4, 5, 6]], { maxTokens: 1 })).toEqual([[7]]);
    expect(steps[0].ids).toEqual([3, 4, 5, 6]);
  });

  it("drops rows that have met a stop token, keeping the cache of the others", async () => {
    const steps: Step[] = [];
    const result = await generatorOf(steps).generate([[6], [1], [7]], { maxTokens: 3, stopIds: [8] });
    expect(result).toEqual([[7], [2, 3, 4], []]);
    expect(steps.map(({ ids, past }) => ({ ids, past }))).toEqual([
      { ids: [6, 1, 7], past: [] },
      { ids: [7, 2], past: [6, 1] },
      { ids: [3], past: [1, 2] },
    ]);
  });

  it("gives tokens as they come, row by row", async () => {
    const seen: string[] = [];
    const options = { maxTokens: 2 };
    for await (const { row, token } of generatorOf().stream([[1], [5]], options)) seen.push(`${row}:${token}`);
    expect(seen).toEqual(["0:2", "1:6", "0:3", "1:7"]);
  });

  it("draws each row from a stream of its own", async () => {
    const forks: number[] = [];
    const rng = {
      fork: (row: number) => {
        forks.push(row);
        return { uniform: () => 0.5 };
      },
    };
    expect(await generatorOf().generate([[1], [2]], { maxTokens: 1, temperature: 1, rng })).toEqual([[2], [3]]);
    expect(forks).toEqual([0, 1]);
  });

  it("runs nothing where nothing is wanted", async () => {
    const steps: Step[] = [];
    expect(await generatorOf(steps).generate([[1]], { maxTokens: 0 })).toEqual([[]]);
    expect(await generatorOf(steps).generate([], { maxTokens: 5 })).toEqual([]);
    expect(steps).toEqual([]);
  });

  it("ends when its signal says so", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const reading = async () => {
      for await (const { token } of generatorOf().stream([[1]], { maxTokens: 9, signal: controller.signal })) {
        seen.push(token);
        if (token === 3) controller.abort(new Error("enough"));
      }
    };
    await expect(reading()).rejects.toThrow("enough");
    expect(seen).toEqual([2, 3]);
  });

  it("ends within a token: not even the next row of the same step is given, and nothing more is run", async () => {
    const steps: Step[] = [];
    const controller = new AbortController();
    const reading = async () => {
      const options = { maxTokens: 9, signal: controller.signal };
      for await (const { row } of generatorOf(steps).stream([[1], [5]], options)) {
        if (row === 0) controller.abort(new Error("enough"));
        else throw new Error("went on");
      }
    };
    await expect(reading()).rejects.toThrow("enough");
    expect(steps).toHaveLength(1);
    await expect(generatorOf(steps).generate([[1]], { maxTokens: 1, signal: controller.signal })).rejects.toThrow(
      "enough",
    );
    expect(steps).toHaveLength(1);
  });

  it("ends a row where the reader says so, with the token it was asked about", async () => {
    const steps: Step[] = [];
    const isLast = ({ row, token }: GeneratedToken) => row === 0 && token === 3;
    expect(await generatorOf(steps).generate([[1], [5]], { maxTokens: 4, isLast })).toEqual([
      [2, 3],
      [6, 7, 8, 9],
    ]);
    expect(steps[2].ids).toEqual([7]);
  });

  it("takes options of its own for each row, and those of all where it has none", async () => {
    const draws: number[] = [];
    const rng = {
      uniform: () => {
        draws.push(draws.length);
        return 0.5;
      },
    };
    const rows: RowOptions[] = [
      { maxTokens: 1 },
      { stopIds: [8], logitBias: undefined },
      { maxTokens: 0 },
      { logitBias: new Map([[3, 100]]), maxTokens: 2 },
      { temperature: 1, rng, maxTokens: 2 },
      { logprobs: 1, maxTokens: 1 },
    ];
    const prompts = [[1], [5], [4], [6], [0], [2]];
    const seen: GeneratedToken[] = [];
    for await (const token of generatorOf().stream(prompts, { maxTokens: 3, stopIds: [1], rows })) seen.push(token);
    const tokens = prompts.map((_, row) => seen.filter((token) => token.row === row).map(({ token }) => token));
    // Of row 4 the token that ends all rows, 1, is drawn first.
    expect(tokens).toEqual([[2], [6, 7], [], [3, 3], [], [3]]);
    expect(draws).toHaveLength(1);
    // Nine others are exp(-50) as probable: 1 within double precision.
    const logprob = { token: 3, logprob: 0 };
    expect(seen.find(({ row }) => row === 5)).toEqual({ row: 5, ...logprob, topLogprobs: [logprob] });
  });

  it("gives a row the same bits whatever stands beside it", async () => {
    const rng = () => ({ uniform: () => 0.9 });
    const mine = (): RowOptions => ({ temperature: 40, minP: 0.01, repetitionPenalty: 1.1, logprobs: 3, rng: rng() });
    const read = async (prompts: number[][], rows: RowOptions[], row: number) => {
      const seen: object[] = [];
      for await (const { row: r, ...token } of generatorOf().stream(prompts, { maxTokens: 4, rows })) {
        if (r === row) seen.push(token);
      }
      return seen;
    };
    const alone = await read([[1, 2]], [mine()], 0);
    const others: RowOptions = { temperature: 2, presencePenalty: 2, logitBias: new Map([[4, -100]]), rng: rng() };
    expect(alone).toHaveLength(4);
    expect(await read([[7], [1, 2], [3]], [others, mine(), { stopIds: [5] }], 1)).toStrictEqual(alone);
  });

  it.each<[string, number[][], Partial<GenerateOptions>, string]>([
    ["an empty prompt", [[1], []], {}, "Generator.generate: expected a token in prompt 1, got none"],
    ["an id beyond the vocabulary", [[10]], {}, "Generator.generate: expected ids from 0 to 9, got 10 in prompt 0"],
    ["an id that is no integer", [[0.5]], {}, "expected ids from 0 to 9, got 0.5 in prompt 0"],
    ["a negative number of tokens", [[1]], { maxTokens: -1 }, "expected maxTokens to be an integer >= 0, got -1"],
    ["temperature without chance", [[1]], { temperature: 1 }, "expected an rng at temperature 1, got none"],
    ["a top-p of 2", [[1]], { topP: 2 }, "expected topP to be a number in (0, 1], got 2"],
    ["a stop id beyond the vocabulary", [[1]], { stopIds: [10] }, "expected ids from 0 to 9, got 10 in stopIds"],
    ["a penalty of 3", [[1]], { presencePenalty: 3 }, "expected presencePenalty to be a number in [-2, 2], got 3"],
    ["a bias of no token", [[1]], { logitBias: new Map([[-1, 1]]) }, "expected ids from 0 to 9, got -1 in logitBias"],
    [
      "rows without prompts",
      [[1]],
      { rows: [{}, {}] },
      "Generator.generate: expected rows to have an entry for each prompt (1), got 2",
    ],
    [
      "an option of a row",
      [[1], [2]],
      { rows: [{}, { minP: 2 }] },
      "Generator.generate: row 1: expected minP to be a number in [0, 1], got 2",
    ],
  ])("refuses %s before it runs anything", async (_, prompts, options, message) => {
    const steps: Step[] = [];
    await expect(generatorOf(steps).generate(prompts, { maxTokens: 1, ...options })).rejects.toThrow(message);
    expect(steps).toEqual([]);
  });

  it("refuses logits of another size than the model's file declares", async () => {
    const generator = new Generator(countingSession(), { ...signature, vocabSize: 12 });
    await expect(generator.generate([[1]], { maxTokens: 1 })).rejects.toThrow(
      "expected logits [1, 1, 12] from the model, got [1, 1, 10]",
    );
  });

  it("needs to know its longest context", () => {
    const unknown = { ...signature, blockSize: undefined };
    expect(() => new Generator(countingSession(), unknown)).toThrow(/expected blockSize, an integer >= 1/);
    expect(new Generator(countingSession(), unknown, { blockSize: 8 }).blockSize).toBe(8);
    expect(() => new Generator(countingSession(), signature, { blockSize: 0 })).toThrow(/got 0/);
  });
});

describe("the signature of a model", () => {
  const cache = ["batch_size", 2, "past_sequence_length", 4];
  const tokens = ["batch_size", "sequence_length"];
  const info = (name: string, dataType: string, shape: (string | number)[]) => ({ name, dataType, shape });
  const model = (change: { drop?: string; add?: object; metadata?: Record<string, string> } = {}): OnnxModel => {
    const keep = <T extends { name: string }>(infos: T[]): T[] => infos.filter(({ name }) => name !== change.drop);
    const graph = {
      name: "lm",
      nodes: [],
      initializers: [],
      inputs: [
        ...keep([
          info("input_ids", "int64", tokens),
          info("attention_mask", "int64", tokens),
          info("position_ids", "int64", tokens),
          info("past_key_values.0.key", "float32", cache),
          info("past_key_values.0.value", "float32", cache),
        ]),
        ...(change.add === undefined ? [] : [change.add]),
      ],
      outputs: keep([
        info("logits", "float32", [...tokens, 7]),
        info("present.0.key", "float32", cache),
        info("present.0.value", "float32", cache),
      ]),
    };
    return { irVersion: 10, opsetImports: [], producerName: "", metadata: change.metadata ?? {}, graph } as OnnxModel;
  };

  it("is read off its inputs, outputs and metadata", () => {
    expect(causalLMSignature(model({ metadata: { block_size: "64" } }))).toEqual({
      nLayer: 1,
      nKvHead: 2,
      headDim: 4,
      vocabSize: 7,
      blockSize: 64,
      cacheInPlace: false,
      keepsLogits: false,
    });
    expect(causalLMSignature(model()).blockSize).toBeUndefined();
  });

  it.each([
    ["input_ids", "expected an input input_ids, got none"],
    ["position_ids", "expected an input position_ids, got none"],
    ["past_key_values.0.value", "expected an input past_key_values.0.value, got none"],
    ["past_key_values.0.key", "expected an input past_key_values.N.key for each layer, got 0 of them"],
    ["present.0.key", "expected an output present.0.key, got none"],
    ["logits", "expected an output logits, got none"],
  ])("names %s where it is missing", (drop, message) => {
    expect(() => causalLMSignature(model({ drop }))).toThrow(`causalLMSignature: ${message}`);
  });

  it.each([
    [info("past_key_values.1.key", "float32", cache), "expected an output present.1.key, got none"],
    [info("pixels", "float32", [1]), 'expected no inputs but tokens, mask, positions and cache, got "pixels"'],
    [info("past_key_values.7.key", "float32", cache), "expected an input past_key_values.1.key, got none"],
  ])("refuses an input that does not belong", (add, message) => {
    expect(() => causalLMSignature(model({ add }))).toThrow(message);
  });

  it.each(["0", "-1", "x", "1e999", "2.5", ""])("refuses a block size of %j in the metadata", (value) => {
    expect(() => causalLMSignature(model({ metadata: { block_size: value } }))).toThrow(
      /expected metadata block_size to be an integer >= 1/,
    );
  });

  it("refuses caches of another type or shape", () => {
    const wrong = (change: object) =>
      causalLMSignature(
        model({
          drop: "past_key_values.0.key",
          add: { ...info("past_key_values.0.key", "float32", cache), ...change },
        }),
      );
    expect(() => wrong({ dataType: "float16" })).toThrow(
      /past_key_values.0.key to be float32 of 4 axes, got float16 of 4/,
    );
    expect(() => wrong({ shape: [1, 2, 3] })).toThrow(/of 4 axes, got float32 of 3 axes/);
    expect(() => wrong({ shape: undefined })).toThrow(/got float32 of unknown axes/);
    expect(() => wrong({ shape: ["b", "h", "t", "d"] })).toThrow(/numbers as axes 1 \(heads\) and 3/);
    expect(() => wrong({ shape: ["b", 3, "t", 4] })).toThrow(/to have 3 heads of 4, got 2 of 4/);
  });
});
