import { GPT, gpt2Defaults, gptConfig, type GPTOptions } from "@llm-learning/models";
import { Rng } from "@llm-learning/init";
import { describe, expect, it } from "vitest";

const sizes: GPTOptions = { vocabSize: 65, blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 8 };

describe("gptConfig", () => {
  it("fills in the choices that GPT-2 made", () => {
    expect(gptConfig(sizes)).toEqual({
      ...sizes,
      dropout: 0,
      bias: true,
      qkvBias: true,
      outputBias: false,
      tieWeights: true,
      activation: "gelu",
      nHidden: 4 * sizes.nEmbd,
      normEps: 1e-5,
      init: "gpt2",
    });
    expect(gptConfig({ ...sizes, dropout: 0.2, bias: false })).toEqual({
      ...gpt2Defaults,
      ...sizes,
      nHidden: 4 * sizes.nEmbd,
      dropout: 0.2,
      bias: false,
    });
  });

  it("is what a model keeps", () => {
    expect(new GPT(sizes, { rng: new Rng(1) }).config).toEqual(gptConfig(sizes));
  });

  const lengths = ["vocabSize", "blockSize", "nLayer", "nHead", "nEmbd"] as const;

  it.each(lengths.flatMap((name) => [0, -1, 2.5, Number.NaN, Infinity].map((value) => [name, value] as const)))(
    "refuses %s %d",
    (name, value) => {
      expect(() => gptConfig({ ...sizes, [name]: value })).toThrow(
        new RangeError(`GPT: expected ${name} to be an integer >= 1, got ${value}`),
      );
    },
  );

  it("names a size that is missing", () => {
    const { nHead: _, ...rest } = sizes;
    expect(() => gptConfig(rest as GPTOptions)).toThrow(
      new RangeError("GPT: expected nHead to be an integer >= 1, got undefined"),
    );
  });

  it("refuses heads that do not divide the width", () => {
    expect(() => gptConfig({ ...sizes, nHead: 3 })).toThrow(
      new RangeError("GPT: expected nHead that divides nEmbd, got nHead 3 and nEmbd 8"),
    );
  });

  it.each([-0.1, 1, 1.5, Number.NaN])("refuses dropout %d", (dropout) => {
    expect(() => gptConfig({ ...sizes, dropout })).toThrow(
      new RangeError(`GPT: expected dropout in [0, 1), got ${dropout}`),
    );
  });

  it("refuses an activation and an initialization that it does not know, as a config file may hold", () => {
    expect(() => gptConfig({ ...sizes, activation: "swish" } as unknown as GPTOptions)).toThrow(
      new RangeError("GPT: expected activation to be one of gelu, exact-gelu, relu, got swish"),
    );
    expect(() => gptConfig({ ...sizes, init: "zeros" } as unknown as GPTOptions)).toThrow(
      new RangeError("GPT: expected init to be one of gpt2, torch, lecture, got zeros"),
    );
  });

  it("takes undefined for a choice that was not made", () => {
    const untyped = { ...sizes, dropout: undefined, bias: undefined, tieWeights: undefined, init: undefined };
    expect(gptConfig(untyped as unknown as GPTOptions)).toEqual(gptConfig(sizes));
  });

  it.each(["bias", "qkvBias", "outputBias", "tieWeights"])("refuses a %s that is not true or false", (name) => {
    for (const [value, text] of [
      ["false", '"false"'],
      [0, "0"],
      [null, "null"],
    ]) {
      expect(() => gptConfig({ ...sizes, [name as string]: value } as unknown as GPTOptions)).toThrow(
        new TypeError(`GPT: expected ${name} to be true or false, got ${text}`),
      );
    }
  });

  it("refuses a bias for an output layer that is the token embedding", () => {
    expect(() => gptConfig({ ...sizes, outputBias: true })).toThrow(
      new RangeError("GPT: expected untied weights with an output bias, got tieWeights and outputBias both true"),
    );
    expect(gptConfig({ ...sizes, outputBias: true, tieWeights: false }).outputBias).toBe(true);
  });
});
