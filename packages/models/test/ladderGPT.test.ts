import { Rng } from "@llm-learning/init";
import { GPT, LadderGPT, type LadderGPTConfig } from "@llm-learning/models";
import {
  compile,
  graphOf,
  input,
  loadStateDict,
  parameterCount,
  referenceEngine,
  stateDict,
  taps,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const rungs = ["head", "heads", "feed-forward", "residual", "layer-norm"] as const;
const sizes = { vocabSize: 65, blockSize: 8, nEmbd: 32, nHead: 4, nLayer: 3 };
const create = (options: Partial<LadderGPTConfig> = {}): LadderGPT =>
  new LadderGPT({ ...sizes, rung: "layer-norm", ...options }, { rng: new Rng(1) });

const tapsOf = (model: LadderGPT | GPT): string[] =>
  [...taps([model.forward(input("inputIds", [1, 4], "int32")).logits]).values()].map(
    ({ name, kind }) => `${name} ${kind}`,
  );

describe("LadderGPT", () => {
  it.each([
    ["head", 65 * 32 + 8 * 32 + 3 * 32 ** 2 + 33 * 65],
    ["heads", 65 * 32 + 8 * 32 + 3 * 32 ** 2 + 33 * 65],
    ["feed-forward", 65 * 32 + 8 * 32 + 3 * 32 ** 2 + 33 * 32 + 33 * 65],
    // Each block: queries, keys and values without bias, their projection, 4 times as wide and back.
    ["residual", 73 * 32 + 3 * (3 * 32 ** 2 + 33 * 32 + 33 * 128 + 129 * 32) + 33 * 65],
    ["layer-norm", 73 * 32 + 3 * (3 * 32 ** 2 + 33 * 32 + 33 * 128 + 129 * 32 + 2 * 64) + 33 * 65],
  ] as const)("on the rung %s has %d parameters", (rung, count) => {
    expect(parameterCount(create({ rung }))).toBe(count);
    expect(LadderGPT.parameterCount({ ...sizes, rung })).toBe(count);
  });

  it("on the last rung is the GPT of the same sizes but for its last LayerNorm, and for the scale of the scores", async () => {
    const ladder = create();
    const lecture = { tieWeights: false, outputBias: true, qkvBias: false, activation: "relu", init: "torch" } as const;
    const gpt = new GPT({ ...sizes, ...lecture }, { rng: new Rng(2) });
    expect(parameterCount(gpt)).toBe(parameterCount(ladder) + 2 * 32);

    const values = new Map(stateDict(gpt));
    for (const [name, value] of stateDict(ladder)) {
      // layers.4.branch.expand is blocks.2.mlp.expand: attention and mlp of a block are layers of their own here.
      const [, index, rest] = /^layers\.(\d+)\.(.+)$/.exec(name) ?? [];
      const part = Number(index) % 2 === 0 ? "norm1" : "norm2";
      const renamed = rest?.replace(/^norm/, part).replace("branch.attention", "attention").replace("branch.", "mlp.");
      const target = index === undefined ? name : `blocks.${Math.floor(Number(index) / 2)}.${renamed}`;
      expect(values.has(target), target).toBe(true);
      values.set(target, value);
    }
    loadStateDict(gpt, values);
    // Scores divided by sqrt(32) are those of queries half as large, divided by sqrt(8).
    for (const { attention } of gpt.blocks) {
      attention.qkv.weight.data.subarray(0, 32 * 32).forEach((value, i, rows) => (rows[i] = value / 2));
    }
    // What the GPT's last LayerNorm and its output layer read is the stream as it leaves the last block.
    const ids = input("inputIds", [1, 8], "int32");
    const streams = [ladder.forward(ids), gpt.forward(ids)].map(
      ({ logits }) => [...taps([logits]).values()].findLast(({ kind }) => kind === "residual")!.value,
    );
    const program = await compile(referenceEngine(), graphOf({ ladder: streams[0], gpt: streams[1] }));
    const result = await program.run({ inputIds: Int32Array.from([1, 2, 3, 4, 5, 6, 7, 8]) });
    // float32 roundings of values of size 1 to 4.
    expect(result.ladder.data).toBeAllclose(result.gpt.data as Float32Array, { atol: 5e-6 });
  });

  it("names what the lecture looks at", () => {
    expect(tapsOf(create({ rung: "head" }))).toEqual([
      "layers.0.attention.query query",
      "layers.0.attention.key key",
      "layers.0.attention.probabilities attention",
      "logits logits",
    ]);
    expect(tapsOf(create({ nLayer: 1 }))).toEqual([
      "layers.0.branch.attention.query query",
      "layers.0.branch.attention.key key",
      "layers.0.branch.attention.probabilities attention",
      "layers.0.residual residual",
      "layers.1.branch.hidden relu",
      "layers.1.residual residual",
      "logits logits",
    ]);
  });

  it.each(rungs)("hears no token before its turn on the rung %s", async (rung) => {
    const model = create({ rung });
    const program = await compile(
      referenceEngine(),
      graphOf({ logits: model.forward(input("inputIds", [1, 4], "int32")).logits }),
    );
    const rows = async (last: number) =>
      Array.from((await program.run({ inputIds: Int32Array.from([1, 2, 3, last]) })).logits.data, Number);
    const [one, other] = [await rows(4), await rows(5)];
    expect(one.slice(0, 3 * 65)).toEqual(other.slice(0, 3 * 65));
    expect(one.slice(3 * 65)).not.toEqual(other.slice(3 * 65));
  });

  it.each([
    [{ nEmbd: 0 }, "LadderGPT: expected nEmbd to be an integer >= 1, got 0"],
    [{ nHead: 5 }, "LadderGPT: expected nHead that divides nEmbd, got nHead 5 and nEmbd 32"],
    [
      { rung: "roof" },
      "LadderGPT: expected rung to be one of head, heads, feed-forward, residual, layer-norm, got roof",
    ],
  ])("refuses %o", (change, message) => {
    expect(() => create(change as Partial<LadderGPTConfig>)).toThrow(new RangeError(message));
  });

  it("refuses more tokens than blockSize", () => {
    expect(() => create().forward(input("inputIds", [2, 9], "int32"))).toThrow(
      new RangeError("LadderGPT.forward: expected inputIds [B, T] of at most blockSize 8 tokens, got [2, 9]"),
    );
  });
});

it("a GPT names its residual stream, attention, hidden neurons and logits", () => {
  const model = new GPT({ vocabSize: 7, blockSize: 4, nLayer: 2, nHead: 2, nEmbd: 6 }, { rng: new Rng(1) });
  const block = (index: number): string[] =>
    [
      "attention.query query",
      "attention.key key",
      "attention.probabilities attention",
      "mlp.hidden gelu",
      "residual residual",
    ].map((tap) => `blocks.${index}.${tap}`);
  expect(tapsOf(model)).toEqual([...block(0), ...block(1), "logits logits"]);
});
