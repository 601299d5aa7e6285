import { checkTrainConfig, resolveConfig, type TrainConfig, UsageError } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";
import { configHash } from "../../src/config/configHash.ts";

/** The message of the UsageError that `action` throws. */
function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("expected a UsageError, got none");
}

describe("resolveConfig", () => {
  it("lets decaySteps and minLearningRate follow the keys that they come from", () => {
    const config = resolveConfig({ preset: "nanogpt-cpu", maxSteps: 700, learningRate: 3e-3 });
    expect(config).toMatchObject({ decaySteps: 700, minLearningRate: 3e-4, warmupSteps: 100 });
    expect(resolveConfig({ preset: "nanogpt-cpu", decaySteps: 300, minLearningRate: 0 })).toMatchObject({
      maxSteps: 2000,
      decaySteps: 300,
      minLearningRate: 0,
    });
  });

  it("shortens a preset's warm-up that does not fit, and never one that was asked for", () => {
    expect(resolveConfig({ preset: "nanogpt-cpu", maxSteps: 40 }).warmupSteps).toBe(4);
    expect(messageOf(() => resolveConfig({ maxSteps: 40, warmupSteps: 100 }))).toBe(
      "expected decaySteps greater than warmupSteps 100, got 40: use fewer warmupSteps",
    );
  });

  const wrong: [Partial<Record<keyof TrainConfig, unknown>>, string][] = [
    [{ nHead: 3 }, "expected nHead that divides nEmbd, got nHead 3 and nEmbd 128"],
    [{ nLayer: 0 }, "expected nLayer to be an integer from 1 to 1000, got 0"],
    [{ nLayer: 1.5 }, "expected nLayer to be an integer from 1 to 1000, got 1.5"],
    [{ nEmbd: "128" }, 'expected nEmbd to be an integer from 1 to 1000000, got "128"'],
    [{ seed: -1 }, "expected seed to be an integer >= 0, got -1"],
    [{ learningRate: 0 }, "expected learningRate to be a number greater than 0 to 1000, got 0"],
    [{ learningRate: Infinity }, "expected learningRate to be a number greater than 0 to 1000, got Infinity"],
    [{ learningRate: NaN }, "expected learningRate to be a number greater than 0 to 1000, got NaN"],
    [{ dropout: 1 }, "expected dropout to be a number from 0 to below 1, got 1"],
    [{ bias: 1 }, "expected bias to be true or false, got 1"],
    [{ engine: "gpu" }, 'expected engine to be one of onnxruntime, tfjs-node, reference, got "gpu"'],
    [{ minLearningRate: 1 }, "expected minLearningRate of at most learningRate 0.008, got 1"],
    [{ outputBias: true }, "expected untied weights with an output bias, got tieWeights and outputBias both true"],
    [{ data: "" }, 'expected data to be a path or the name of bundled data, got ""'],
  ];
  it.each(wrong)("refuses %j", (changes, message) => {
    expect(messageOf(() => resolveConfig(changes as Partial<TrainConfig>))).toBe(message);
  });

  it("names the preset that an unknown one is most like", () => {
    expect(messageOf(() => resolveConfig({ preset: "nanogptcpu" }))).toBe(
      'expected a preset that `presets` lists, got "nanogptcpu": did you mean nanogpt-cpu?',
    );
    expect(messageOf(() => resolveConfig({ preset: "constructor" }))).toMatch(/got "constructor"$/);
  });
});

describe("choices that bring keys of their own", () => {
  it("fills the keys of another model than the preset's, and drops those of the preset's", () => {
    const config = resolveConfig({ preset: "quickstart", model: "mlp", nHidden: 64 });
    expect(config).toMatchObject({ model: "mlp", nEmbd: 10, nHidden: 64, init: "kaiming", batchNorm: false });
    expect(config).not.toHaveProperty("nHead");
    expect(config).toMatchObject({ batchSize: 12, blockSize: 64, optimizer: "adamw", beta2: 0.99 });
  });

  it("does the same for the optimizer, and where lines become documents", () => {
    const config = resolveConfig({ optimizer: "sgd", lines: true });
    expect(config).toMatchObject({ momentum: 0, nesterov: false, splitSeed: 42, testFraction: 0.1 });
    expect(config).not.toHaveProperty("beta1");
    expect(resolveConfig({ preset: "makemore-mlp", optimizer: "adamw" })).toMatchObject({ beta1: 0.9, eps: 1e-8 });
    expect(resolveConfig({ preset: "makemore-mlp", lines: false })).not.toHaveProperty("splitSeed");
  });

  it("does the same for the schedule and averages, and lets lines end at nothing", () => {
    const config = resolveConfig({ optimizer: "muon", schedule: "wsd", averaging: "ema" });
    expect(config).toMatchObject({ momentum: 0.95, muonScale: "match-rms-adamw", beta2: 0.95 });
    expect(config).toMatchObject({ cooldownFraction: 0.2, cooldownShape: "linear", minLearningRate: 0 });
    expect(config).toMatchObject({ averageDecay: 0.999 });
    expect(resolveConfig({ schedule: "linear" })).toMatchObject({ minLearningRate: 0, averaging: "none" });
  });

  it.each<[Partial<TrainConfig>, string]>([
    [{ kernelSize: 5 }, "expected kernelSize only with model conv, got 5 with model gpt"],
    [{ preset: "makemore-mlp", nHead: 2 }, "expected nHead only with model gpt, llama, ladder, got 2 with model mlp"],
    [
      { preset: "makemore-mlp", beta1: 0.5 },
      "expected beta1 only with optimizer adamw, adam, lion, muon, got 0.5 with optimizer sgd",
    ],
    [{ momentum: 0.5 }, "expected momentum only with optimizer sgd, muon, got 0.5 with optimizer adamw"],
    [{ cooldownFraction: 0.5 }, "expected cooldownFraction only with schedule wsd, got 0.5 with schedule cosine"],
    [{ schedule: "wsd", cooldownFraction: 1 }, "expected a cooldownFraction of decaySteps 2200 that leaves room for"],
    [{ schedule: "linear", warmupSteps: 2200 }, "expected decaySteps greater than warmupSteps 2200, got 2200"],
    [{ averageDecay: 0.9 }, "expected averageDecay only with averaging ema, got 0.9 with averaging none"],
    [
      { baseWidth: 64 },
      "expected baseWidth only of gpt and llama with untied weights, got 64 with model gpt and tied weights",
    ],
    [{ outputRate: 2 }, "expected outputRate only with untied weights, got 2 with tieWeights: embeddingRate is theirs"],
    [{ testFraction: 0.2 }, "expected testFraction only with lines true, got 0.2 with lines false"],
    [{ init: "kaiming" }, "expected init to be one of gpt2, torch, lecture, got kaiming"],
    [
      { preset: "makemore-mlp", init: "gpt2" },
      "expected init to be one of raw, fixed-logits, fixed-tanh, kaiming, got gpt2",
    ],
    [{ batchSize: 0 }, "expected batchSize of at least 1, got 0: only of lines all can be taken at once (--lines)"],
    [{ preset: "makemore-mlp", batchSize: 0 }, "expected batchSize of at least 1, got 0: only lines as a whole"],
    [{ preset: "makemore-deep-mlp", batchSize: 1 }, "expected batchSize of at least 2 with batchNorm, got 1"],
    [{ preset: "makemore-mlp", nesterov: true }, "expected momentum greater than 0 with nesterov, got 0"],
    [{ preset: "makemore-wavenet", blockSize: 6 }, "expected blockSize to be a power of 2"],
  ])("refuses %j", (changes, message) => {
    expect(messageOf(() => resolveConfig(changes))).toContain(message);
  });

  it("names the model that was meant", () => {
    expect(messageOf(() => resolveConfig({ model: "wavenett" as "wavenet" }))).toMatch(
      /^expected model to be one of gpt, llama, bigram, .*, got "wavenett"$/,
    );
  });

  it("drops the rate where the lecture does, in proportion in a shorter run", () => {
    const rates = { learningRate: 0.1, minLearningRate: 0.01 };
    expect(resolveConfig({ preset: "makemore-mlp" })).toMatchObject({ ...rates, decaySteps: 100_000 });
    expect(resolveConfig({ preset: "makemore-mlp", maxSteps: 500 })).toMatchObject({ ...rates, decaySteps: 250 });
    expect(resolveConfig({ preset: "makemore-wavenet" })).toMatchObject({ ...rates, decaySteps: 150_000 });
    expect(resolveConfig({ preset: "makemore-wavenet", maxSteps: 1000 }).decaySteps).toBe(750);
    expect(resolveConfig({ preset: "makemore-wavenet", decaySteps: 5 }).decaySteps).toBe(5);
  });
});

describe("the hash of a configuration", () => {
  // Of the program before there were other models: its checkpoints carry these.
  it.each([
    ["quickstart", "a2a61774732ddf975fb25d09b501f7de6f6218b416a2eb79b05d5f7835dbfd46"],
    ["nanogpt-cpu", "c25cbd906f713bfd6bce2c7dc006add17b0dcc3a70fad4c3781bedd8956cf01b"],
    ["shakespeare-char", "2415ed1b784d2683a12b9b29d210dcd8d885b89156c203ac6b45cad14919db62"],
    ["colab-gpt", "eaf094df92b0429f3f60fdbc5894d745816803f60f4994a3395786fd19bd64c4"],
    ["lets-build-gpt", "7f44e4b381d0d23ac77906596c8102aea5b16fe05153abeef07eb8c4d26e47d5"],
  ])("is for %s what it always was", (preset, hash) => {
    expect(configHash(resolveConfig({ preset }))).toBe(hash);
  });

  it("differs with the model, the optimizer and the split", () => {
    const hashes = [{}, { momentum: 0.9 }, { splitSeed: 1 }, { nHidden: 100 }, { init: "raw" }].map((changes) =>
      configHash(resolveConfig({ preset: "makemore-mlp", ...changes } as Partial<TrainConfig>)),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("keys that came later", () => {
  it("are filled in where a configuration was written before them, and leave its hash as it was", () => {
    const llama = resolveConfig({ model: "llama" });
    const { ropeScaling, qkvBias, projectionBias, mlpBias, loraRank, ...before } = llama;
    expect({ ropeScaling, qkvBias, projectionBias, mlpBias, loraRank }).toEqual({
      ropeScaling: { type: "none" },
      qkvBias: false,
      projectionBias: false,
      mlpBias: false,
      loraRank: 0,
    });
    expect(checkTrainConfig(before)).toEqual(llama);
    const stretched = { ...llama, ropeScaling: { type: "linear", factor: 2 } } as const;
    expect(configHash(checkTrainConfig(before))).toBe(configHash(llama));
    expect(configHash(stretched)).not.toBe(configHash(llama));
  });

  it("may be objects, checked like the others", () => {
    const scaled = (ropeScaling: unknown) => () =>
      resolveConfig({ model: "llama", ropeScaling: ropeScaling as TrainConfig["ropeScaling"] });
    expect(scaled({ type: "linear", factor: 2 })().ropeScaling).toEqual({ type: "linear", factor: 2 });
    const expected = "an object with the type none, linear, dynamic, yarn or llama3 and the numbers of that type";
    for (const wrong of [2, { type: "longrope" }, { type: "linear" }, { type: "linear", factor: 0.5 }]) {
      expect(messageOf(scaled(wrong))).toContain(`expected ropeScaling to be ${expected}, got `);
    }
    const llama3 = { type: "llama3", factor: 2, originalLength: 8, lowFrequencyFactor: 4, highFrequencyFactor: 1 };
    expect(messageOf(scaled(llama3))).toContain("lowFrequencyFactor < highFrequencyFactor");
  });
});

describe("checkTrainConfig", () => {
  it("gives back a complete configuration", () => {
    const config = resolveConfig({ preset: "colab-gpt" });
    expect(checkTrainConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it("reads the config.json of a run from before there were other models, with the hash that its checkpoints carry", () => {
    const written = `{ "preset": "quickstart", "data": "text.txt", "validationFraction": 0.1, "tokenizer": "char", "nLayer": 1,
      "nHead": 2, "nEmbd": 16, "blockSize": 16, "dropout": 0.2, "bias": true, "qkvBias": true, "outputBias": false,
      "tieWeights": true, "activation": "gelu", "init": "lecture", "maxSteps": 20, "batchSize": 4, "learningRate": 0.008,
      "minLearningRate": 0.0008, "warmupSteps": 2, "decaySteps": 20, "schedule": "cosine", "beta1": 0.9, "beta2": 0.99,
      "eps": 1e-8, "weightDecay": 0.1, "gradClip": 1, "engine": "onnxruntime", "threads": 1, "seed": 1337,
      "evalInterval": 8, "evalBatches": 2, "logInterval": 1, "checkpointInterval": 6, "sampleCount": 1,
      "sampleTokens": 10, "temperature": 0.6 }`;
    const config = checkTrainConfig(JSON.parse(written));
    expect(config).toMatchObject({ model: "gpt", optimizer: "adamw", lines: false, nHead: 2 });
    expect(configHash(config)).toBe("e75f4064d2ebb8cebcc2fab4c52ef943a95924314f857e6c024bc001dc7a81ca");
  });

  it("refuses unknown keys, and names the one that was meant", () => {
    const config = resolveConfig();
    expect(messageOf(() => checkTrainConfig({ ...config, nLayers: 3 }))).toBe(
      'expected known keys, got "nLayers": did you mean nLayer?',
    );
    expect(messageOf(() => checkTrainConfig({ ...config, zzz: 3 }))).toBe('expected known keys, got "zzz"');
  });

  it("refuses what is no configuration at all", () => {
    expect(messageOf(() => checkTrainConfig([]))).toBe(
      "expected an object with the keys of a training configuration, got []",
    );
    const { nHead: _, ...incomplete } = resolveConfig();
    expect(messageOf(() => checkTrainConfig(incomplete))).toBe(
      "expected nHead to be an integer from 1 to 10000, got nothing",
    );
  });
});
