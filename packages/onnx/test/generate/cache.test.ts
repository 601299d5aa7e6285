/**
 * The two kinds of KV cache under a generator, over sessions that record: a token's key is its id, a token's value 100 more, so that
 * what lies where can be read. Real models are generated with where the models are.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import {
  type CausalLMSignature,
  causalLMSignature,
  Generator,
  type OnnxModel,
  type OnnxNode,
} from "@llm-learning/onnx";
import type { Session, SessionRunOptions } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";

const V = 1000;
const signature: CausalLMSignature = {
  nLayer: 1,
  nKvHead: 2,
  headDim: 1,
  vocabSize: V,
  blockSize: 300,
  cacheInPlace: false,
  keepsLogits: false,
};

interface Step {
  readonly past: TensorValue;
  readonly present: TensorValue;
  readonly logits: TensorValue;
  readonly options: SessionRunOptions | undefined;
  /** The keys of each row, as its first head has them. */
  readonly keys: number[][];
  readonly positions: number[];
  readonly mask: number[];
}

const float = (value: TensorValue) => value as TensorValue & { readonly data: Float32Array };

/** After token n comes n + 1. Writes keys and values as a model would, in place or not. */
function recordingSession(steps: Step[] = [], before: (step: number) => void = () => undefined): Session {
  const name = (kind: string, part: string): string => `${kind}.0.${part}`;
  return {
    inputNames: [],
    optionalInputNames: ["num_logits_to_keep"],
    outputNames: [],
    async run(feeds, fetches, options) {
      before(steps.length);
      options?.signal?.throwIfAborted();
      const [B, T] = feeds.input_ids.shape;
      const total = feeds.attention_mask.shape[1];
      const outputs = fetches as Record<string, TensorValue>;
      for (const [part, offset] of [
        ["key", 0],
        ["value", 100],
      ] as const) {
        const { data: past, shape: pastShape } = float(feeds[name("past_key_values", part)]);
        const { data: present, shape } = float(outputs[name("present", part)]);
        const [from, to] = [pastShape[2], shape[2]];
        const isSame = past === present;
        for (let row = 0; row < B * 2; row++) {
          for (let t = 0; t < total - T; t++) {
            if (!isSame) present[row * to + t] = past[row * from + t];
          }
          for (let t = 0; t < T; t++) {
            present[row * to + total - T + t] = offset + Number(feeds.input_ids.data[(row >> 1) * T + t]);
          }
        }
      }
      const logits = float(outputs.logits);
      logits.data.fill(0);
      const kept = logits.shape[1];
      for (let b = 0; b < B; b++) {
        for (let t = 0; t < kept; t++) {
          const id = Number(feeds.input_ids.data[b * T + T - kept + t]);
          logits.data[(b * kept + t) * V + ((id + 1) % V)] = 1;
        }
      }
      const present = outputs[name("present", "key")];
      const places = present.shape[2];
      const keys = Array.from({ length: B }, (_, b) =>
        Array.from((present.data as Float32Array).subarray(2 * b * places, 2 * b * places + total)),
      );
      steps.push({ past: feeds[name("past_key_values", "key")], present, logits, options, keys, ...numbersOf(feeds) });
      return outputs;
    },
    dispose: () => Promise.resolve(),
  };
}

const numbersOf = ({ position_ids, attention_mask }: Readonly<Record<string, TensorValue>>) => ({
  positions: Array.from(position_ids.data as BigInt64Array, Number),
  mask: Array.from(attention_mask.data as BigInt64Array, Number),
});

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

describe.each([
  ["written anew", false],
  ["in place", true],
])("a cache %s", (_, cacheInPlace) => {
  it("holds the tokens of each row, through growth and rows that end", async () => {
    const steps: Step[] = [];
    const generator = new Generator(recordingSession(steps), { ...signature, cacheInPlace });
    const rows = [{ maxTokens: 2 }, { maxTokens: 150 }, { maxTokens: 40 }, { maxTokens: 90 }];
    const prompts = [[1, 2, 3], [200], [400, 401], [600]];
    const tokens = await generator.generate(prompts, { maxTokens: 1, rows });
    expect(tokens).toEqual([range(4, 6), range(201, 351), range(402, 442), range(601, 691)]);
    expect(steps[1].keys).toEqual([
      [1, 2, 3, 4],
      [0, 0, 200, 201],
      [0, 400, 401, 402],
      [0, 0, 600, 601],
    ]);
    expect(steps[2].keys).toEqual([
      [0, 0, 200, 201, 202],
      [0, 400, 401, 402, 403],
      [0, 0, 600, 601, 602],
    ]);
    expect(steps[60].keys).toEqual([
      [0, 0, ...range(200, 261)],
      [0, 0, ...range(600, 661)],
    ]);
    expect(steps[149].keys).toEqual([[0, 0, ...range(200, 350)]]);
  });

  it("begins anew where a context is full", async () => {
    const steps: Step[] = [];
    const generator = new Generator(recordingSession(steps), { ...signature, cacheInPlace, blockSize: 4 });
    await generator.generate([[1, 2, 3]], { maxTokens: 6 });
    expect(steps.map(({ keys }) => keys[0])).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4],
      [4, 5],
      [4, 5, 6],
      [4, 5, 6, 7],
      [7, 8],
    ]);
  });

  it("reads a long prompt in pieces of equal length", async () => {
    const steps: Step[] = [];
    const generator = new Generator(recordingSession(steps), {
      ...signature,
      cacheInPlace,
      blockSize: 2000,
      vocabSize: V,
    });
    const prompt = range(0, 1030).map((id) => id % V);
    expect(await generator.generate([prompt], { maxTokens: 2 })).toEqual([[30, 31]]);
    expect(steps.map(({ keys }) => keys[0].length)).toEqual([343, 686, 1030, 1031]);
    expect(steps[2].keys[0]).toEqual(prompt);
    expect(steps[1].positions).toEqual(range(343, 686));
    expect(steps[1].mask).toEqual(Array(686).fill(1));
  });

  it("asks for the scores of the last tokens only, where the model has an input for that", async () => {
    const steps: Step[] = [];
    const generator = new Generator(recordingSession(steps), { ...signature, cacheInPlace, keepsLogits: true });
    expect(await generator.generate([range(1, 10), [7]], { maxTokens: 2 })).toEqual([
      [10, 11],
      [8, 9],
    ]);
    expect(steps.map(({ logits }) => logits.shape)).toEqual([
      [2, 1, V],
      [2, 1, V],
    ]);
  });

  it("ends with the signal's reason before the next token, and can be used again", async () => {
    const steps: Step[] = [];
    const controller = new AbortController();
    const session = recordingSession(steps, (step) => {
      if (step === 3) controller.abort(new Error("enough"));
    });
    const generator = new Generator(session, { ...signature, cacheInPlace });
    const { signal } = controller;
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { token } of generator.stream([[1]], { maxTokens: 100, signal })) seen.push(token);
    };
    await expect(read()).rejects.toThrow("enough");
    expect(seen).toEqual([2, 3, 4]);
    expect(steps).toHaveLength(3);
    expect(await generator.generate([[5]], { maxTokens: 2 })).toEqual([[6, 7]]);
  });
});

describe("a batch of long prompts of different lengths", () => {
  const prompts = [range(0, 700), range(100, 200)];
  const run = async (cacheInPlace: boolean): Promise<Step[]> => {
    const steps: Step[] = [];
    const generator = new Generator(recordingSession(steps), { ...signature, cacheInPlace, blockSize: 2000 });
    expect(await generator.generate(prompts, { maxTokens: 2 })).toEqual([
      [700, 701],
      [200, 201],
    ]);
    return steps;
  };

  it("is read in pieces into a cache that is written anew, the first of nothing but padding in the shorter row", async () => {
    const steps = await run(false);
    expect(steps.map(({ keys }) => keys[0].length)).toEqual([350, 700, 701]);
    expect(steps[0].mask).toEqual([...Array(350).fill(1), ...Array(350).fill(0)]);
    expect(steps[1].keys).toEqual([prompts[0], [...Array(600).fill(0), ...prompts[1]]]);
    expect(steps[1].positions.slice(350)).toEqual([...Array(250).fill(0), ...range(0, 100)]);
  });

  it("is read at once into a cache in place, which takes pieces for one row only", async () => {
    const steps = await run(true);
    expect(steps.map(({ keys }) => keys[0].length)).toEqual([700, 701]);
  });
});

describe("a cache in place", () => {
  const run = async (maxTokens: number): Promise<Step[]> => {
    const steps: Step[] = [];
    const generator = new Generator(recordingSession(steps), { ...signature, cacheInPlace: true });
    await generator.generate([[1, 2]], { maxTokens });
    return steps;
  };

  it("is past and present at once, and the same memory step after step", async () => {
    const steps = await run(20);
    expect(steps.every(({ past, present }) => past === present)).toBe(true);
    expect(new Set(steps.map(({ present }) => present)).size).toBe(1);
    expect(new Set(steps.slice(1).map(({ logits }) => logits)).size).toBe(1);
  });

  it("grows in steps, up to the longest context", async () => {
    const steps = await run(299);
    expect([...new Set(steps.map(({ present }) => present.shape[2]))]).toEqual([66, 131, 198, 298, 300]);
  });
});

describe("whether a model's cache can be in place", () => {
  const names = ["key", "value"].map((part) => [`past_key_values.0.${part}`, `present.0.${part}`]);
  const info = (name: string, dataType: string, shape: (string | number)[]) => ({ name, dataType, shape });
  const attention: OnnxNode = {
    domain: "com.microsoft",
    opType: "GroupQueryAttention",
    inputs: ["q", "", "", names[0][0], names[1][0], "seqlens", "total"],
    outputs: ["y", names[0][1], names[1][1]],
    attributes: {},
  };
  const read = (nodes: readonly OnnxNode[], extra: object[] = []): CausalLMSignature => {
    const cache = ["batch_size", 1, "past_sequence_length", 8];
    const inputs = ["input_ids", "attention_mask", "position_ids"].map((name) => info(name, "int64", ["b", "t"]));
    const graph = {
      name: "lm",
      nodes,
      initializers: [],
      inputs: [...inputs, ...names.map(([past]) => info(past, "float32", cache)), ...extra],
      outputs: [
        info("logits", "float32", ["b", "t", V]),
        ...names.map(([, present]) => info(present, "float32", cache)),
      ],
    };
    const model = { irVersion: 10, opsetImports: [], producerName: "", metadata: {}, graph };
    return causalLMSignature(model as unknown as OnnxModel);
  };

  it("is read off its attention", () => {
    expect(read([attention]).cacheInPlace).toBe(true);
    expect(read([{ ...attention, domain: "" }]).cacheInPlace).toBe(false);
    expect(read([{ ...attention, opType: "MultiHeadAttention" }]).cacheInPlace).toBe(false);
    expect(read([{ ...attention, outputs: ["y", "other", names[1][1]] }]).cacheInPlace).toBe(false);
    const swapped = [...attention.inputs.slice(0, 3), names[1][0], names[0][0]];
    expect(read([{ ...attention, inputs: swapped }]).cacheInPlace).toBe(false);
  });

  it("is denied where anything else reads the cache, whose length means nothing then", () => {
    const shape: OnnxNode = { opType: "Shape", inputs: [names[0][0]], outputs: ["length"], attributes: {} };
    expect(read([shape, attention]).cacheInPlace).toBe(false);
    expect(read([]).cacheInPlace).toBe(false);
  });

  it("does not depend on the input for the number of scores, which is an integer", () => {
    expect(read([attention]).keepsLogits).toBe(false);
    expect(read([attention], [info("num_logits_to_keep", "int64", [])]).keepsLogits).toBe(true);
    expect(() => read([attention], [info("num_logits_to_keep", "float32", [])])).toThrow(
      /expected input num_logits_to_keep to be int64 of 0 axes, got float32 of 0 axes/,
    );
  });
});
