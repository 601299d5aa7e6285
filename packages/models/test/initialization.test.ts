/** Every model starts healthy, as far as its taps tell; the lecture's first attempts are named for what they are. */
import { checkInitialization, type LayerStatistics, Rng } from "@llm-learning/init";
import {
  Bigram,
  ConvNet,
  DeepMLP,
  GPT,
  GRU,
  LadderGPT,
  type LanguageModel,
  MLP,
  RNN,
  WaveNet,
} from "@llm-learning/models";
import { compile, referenceEngine, taps, type Tensor, trace, Training } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

/** What `checkInitialization` finds on one batch of random tokens, as "layer: problem". */
async function findings(model: LanguageModel, B: number): Promise<string[]> {
  const { vocabSize, blockSize: T } = model.config;
  const targetShape = model.predicts === "every" ? [B, T] : [B];
  const kinds = new Map<string, LayerStatistics["kind"]>();
  const graph = trace(
    { inputIds: { shape: [B, T], dtype: "int32" }, targets: { shape: targetShape, dtype: "int32" } },
    ({ inputIds, targets }) => {
      const loss = model.loss(inputIds, targets, new Training());
      const values: Record<string, Tensor> = { loss };
      for (const { name, kind, value } of taps([loss]).values()) {
        kinds.set(name, kind);
        values[name] = value;
      }
      return values;
    },
  );
  const rng = new Rng(7);
  const tokens = (count: number) => Int32Array.from({ length: count }, () => rng.integer(vocabSize));
  const program = await compile(referenceEngine(), graph);
  const values = await program.run({ inputIds: tokens(B * T), targets: tokens(targetShape.reduce((a, b) => a * b)) });
  const layers = Array.from(kinds, ([name, kind]) => statistics(name, kind, values[name].data as Float32Array));
  return checkInitialization(layers, { initialLoss: Number(values["loss"].data[0]), vocabSize }).map(
    ({ layer, problem }) => `${layer}: ${problem}`,
  );
}

function statistics(name: string, kind: LayerStatistics["kind"], data: Float32Array): LayerStatistics {
  const average = (of: (value: number) => number) => data.reduce((sum, value) => sum + of(value), 0) / data.length;
  const mean = average((value) => value);
  const std = Math.sqrt(average((value) => (value - mean) ** 2));
  const saturated = average((value) =>
    Number(kind === "sigmoid" ? Math.abs(value - 0.5) > 0.485 : Math.abs(value) > 0.97),
  );
  return { name, kind, mean, std, ...((kind === "tanh" || kind === "sigmoid") && { saturated }) };
}

describe("on the first batch nothing is found wrong with", () => {
  const rng = new Rng(1);
  const names = { vocabSize: 27, blockSize: 3, nEmbd: 10, nHidden: 200 };
  const text = { vocabSize: 65, blockSize: 8, nEmbd: 32, nHead: 4, nLayer: 3 };
  it.each<[string, LanguageModel]>([
    ["the bigram table", new Bigram({ vocabSize: 65, blockSize: 8 }, { rng })],
    ["the MLP", new MLP(names, { rng })],
    ["the MLP with the lecture's repaired tanh", new MLP({ ...names, init: "fixed-tanh" }, { rng })],
    ["the MLP with BatchNorm", new MLP({ ...names, batchNorm: true }, { rng })],
    ["the deep MLP", new DeepMLP({ ...names, nHidden: 100, nLayer: 5 }, { rng })],
    ["the deep MLP without BatchNorm", new DeepMLP({ ...names, nHidden: 100, nLayer: 5, batchNorm: false }, { rng })],
    ["WaveNet", new WaveNet({ ...names, blockSize: 8, nEmbd: 24, nHidden: 128 }, { rng })],
    ["the residual net", new ConvNet({ ...names, blockSize: 8, nEmbd: 32, nLayer: 3 }, { rng })],
    ["the recurrent net", new RNN({ ...names, blockSize: 8, nHidden: 64 }, { rng })],
    ["the gated recurrent net", new GRU({ ...names, blockSize: 8, nHidden: 64 }, { rng })],
    ["the first rung of the ladder", new LadderGPT({ ...text, rung: "head" }, { rng })],
    ["the rung without LayerNorm", new LadderGPT({ ...text, rung: "residual" }, { rng })],
    ["the last rung of the ladder", new LadderGPT({ ...text, rung: "layer-norm" }, { rng })],
    ["GPT with GPT-2's start", new GPT(text, { rng })],
    ["GPT with the lecture's start", new GPT({ ...text, init: "lecture" }, { rng })],
    ["GPT with PyTorch's start", new GPT({ ...text, init: "torch", tieWeights: false }, { rng })],
  ])("%s", async (_, model) => {
    expect(await findings(model, 12)).toEqual([]);
  });
});

describe("the lecture's MLP", () => {
  const start = (init: "raw" | "fixed-logits") =>
    findings(new MLP({ vocabSize: 27, blockSize: 3, nEmbd: 10, nHidden: 200, init }, { rng: new Rng(1) }), 64);

  it("is named for its tanh and its logits at first, and for its tanh once the logits are repaired", async () => {
    expect(await start("raw")).toEqual(["hidden: saturated", "logits: too large"]);
    expect(await start("fixed-logits")).toEqual(["hidden: saturated"]);
  });
});
