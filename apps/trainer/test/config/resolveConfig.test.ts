import { checkTrainConfig, resolveConfig, type TrainConfig, UsageError } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";

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
    [{ engine: "gpu" }, 'expected engine to be one of onnxruntime, reference, got "gpu"'],
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

describe("checkTrainConfig", () => {
  it("gives back a complete configuration", () => {
    const config = resolveConfig({ preset: "colab-gpt" });
    expect(checkTrainConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
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
