import {
  checkInitialization,
  describeFinding,
  type Initializer,
  kaimingUniform,
  type LayerStatistics,
  normal,
  type Rng,
  uniform,
  zeros,
} from "@llm-learning/init";
import { describe, expect, test } from "vitest";
import { gpt2, type Measured, stack } from "./networks.ts";

/** N(0, 1), whatever the fan-in: how the lectures' network starts at first. */
const unscaled =
  (rng: Rng): Initializer =>
  (data) =>
    normal(data, { rng });
const gain =
  (value: number) =>
  (rng: Rng): Initializer =>
  (data, [, fanIn]) =>
    normal(data, { std: value / Math.sqrt(fanIn), rng });
const tiny =
  (rng: Rng): Initializer =>
  (data) =>
    normal(data, { std: 0.01, rng });

/** What PyTorch's Linear starts from. */
const torchWeight =
  (rng: Rng): Initializer =>
  (data, shape) =>
    kaimingUniform(data, shape, { a: Math.sqrt(5), rng });
const torchBias =
  (rng: Rng, fanIn: number): Initializer =>
  (data) =>
    uniform(data, { low: -1 / Math.sqrt(fanIn), high: 1 / Math.sqrt(fanIn), rng });
const torch = { weight: torchWeight, bias: torchBias, outputWeight: torchWeight, outputBias: torchBias };

const check = ({ layers, loss, vocabSize }: Measured) => checkInitialization(layers, { initialLoss: loss, vocabSize });
const named = (measured: Measured) => check(measured).map(({ layer, problem }) => `${layer}: ${problem}`);

describe("healthy networks draw no finding:", () => {
  const mlp = { kind: "tanh", depth: 1, width: 200 } as const;
  test.each<[string, () => Measured]>([
    [
      "the lectures' MLP after its repairs",
      () => stack({ ...mlp, weight: gain(5 / 3), bias: tiny, outputWeight: tiny }),
    ],
    ["five tanh layers at gain 5/3", () => stack({ kind: "tanh", weight: gain(5 / 3), outputWeight: gain(1) })],
    ["five tanh layers at gain 1", () => stack({ kind: "tanh", weight: gain(1), outputWeight: gain(1) })],
    ["an output layer of zeros", () => stack({ kind: "tanh", weight: gain(5 / 3), outputWeight: () => zeros })],
    // At a batch of 32 and a depth of 15, a third of the units and more are dead by chance: see the check's comments.
    [
      "fifteen relu layers of Kaiming's",
      () => stack({ kind: "relu", depth: 15, examples: 32, weight: gain(Math.SQRT2), outputWeight: gain(1) }),
    ],
    ["three tanh layers of PyTorch's Linear", () => stack({ kind: "tanh", depth: 3, ...torch })],
    [
      "ten tanh layers of PyTorch's Linear",
      () => stack({ kind: "tanh", depth: 10, width: 256, examples: 32, ...torch }),
    ],
    ["three relu layers of PyTorch's Linear", () => stack({ kind: "relu", depth: 3, ...torch })],
    [
      "eight relu layers of PyTorch's Linear",
      () => stack({ kind: "relu", depth: 8, width: 256, examples: 32, ...torch }),
    ],
    ["GPT-2's start, 4 blocks of 128", () => gpt2()],
    ["GPT-2's start, 3 blocks of 32", () => gpt2({ nLayer: 3, nEmbd: 32, T: 8 })],
  ])("%s", (_, network) => {
    expect(check(network()).map(describeFinding)).toEqual([]);
  });
});

describe("sick networks are named:", () => {
  test("the lectures' MLP before any repair, and its output layer and tanh alone", () => {
    const healthy = { kind: "tanh", depth: 1, width: 200, weight: gain(5 / 3), outputWeight: tiny } as const;
    const output = { outputWeight: unscaled, outputBias: unscaled };
    const hidden = { weight: unscaled, bias: unscaled };
    expect(named(stack({ ...healthy, ...hidden, ...output }))).toEqual(["hidden.0: saturated", "output: too large"]);
    expect(named(stack({ ...healthy, ...hidden }))).toEqual(["hidden.0: saturated"]);
    expect(named(stack({ ...healthy, ...output }))).toEqual(["output: too large"]);
  });

  test("tanh layers at a gain of 3", () => {
    expect(named(stack({ kind: "tanh", weight: gain(3), outputWeight: gain(1) }))).toEqual(
      [0, 1, 2, 3, 4].map((layer) => `hidden.${layer}: saturated`),
    );
  });

  test("tanh layers at a gain of 1/2, in the layer where too little is left", () => {
    expect(named(stack({ kind: "tanh", depth: 8, weight: gain(0.5), outputWeight: gain(1) }))).toEqual([
      "hidden.4: too small",
    ]);
  });

  test("relu layers without fan-in scaling, with the standard deviation that their weights have and should have", () => {
    const findings = check(stack({ kind: "relu", weight: unscaled, outputWeight: gain(1) }));
    expect(findings.map(({ layer, problem }) => `${layer}: ${problem}`)).toEqual([
      ...[0, 1, 2, 3, 4].map((layer) => `hidden.${layer}: too large`),
      "output: too large",
    ]);
    // sqrt(2 / 30) = 0.258 is asked for, and 1 was drawn: the estimate from the output is within a few percent.
    expect(findings[0].cure).toMatch(
      /^multiply its weight by 0\.2[5-7]; kaimingNormal with nonlinearity "relu" gives it a standard deviation of 0\.26 for its 30 inputs, where it seems to have (1|0\.9\d|1\.1)$/,
    );
    expect(findings[5].cure).toBe("change hidden.0 first, from which it comes");
  });

  test("depth that explodes, where it has passed the limit", () => {
    const findings = check(stack({ kind: "relu", depth: 20, weight: gain(2), outputWeight: gain(1) }));
    expect(findings.map(({ layer, problem }) => `${layer}: ${problem}`)).toEqual([
      "hidden.7: too large",
      "output: too large",
    ]);
    // A gain of 2 is sqrt(2) times relu's.
    expect(findings[0].cure).toMatch(
      /^divide the weights of these layers by 1\.4 \(kaimingNormal with nonlinearity "relu"/,
    );
  });

  test("rectifiers killed by their bias", () => {
    const bias = (): Initializer => (data) => data.fill(-2);
    const findings = check(stack({ kind: "relu", depth: 2, weight: gain(Math.SQRT2), bias, outputWeight: gain(1) }));
    expect(findings.map(describeFinding)).toEqual([
      "hidden.1: 100 % of the units are 0 for every example, expected at most 65 %: start its bias at 0 (a little above, " +
        "should that not do) and center its inputs",
    ]);
  });

  test("tanh pushed to one end by its bias, which has another cure than its weight", () => {
    const bias = (): Initializer => (data) => data.fill(5);
    const [finding] = check(stack({ kind: "tanh", depth: 1, weight: gain(1), bias, outputWeight: tiny }));
    expect(describeFinding(finding)).toMatch(
      /^hidden\.0: 100 % of the outputs saturated around a mean of 1, expected at most 30 %: start its bias at 0 and/,
    );
  });

  test("weights that all start at zero", () => {
    const measured = stack({ kind: "tanh", depth: 1, weight: () => zeros, outputWeight: tiny });
    expect(named(measured)).toEqual(["hidden.0: constant"]);
  });

  test("a GPT at ten times GPT-2's standard deviation", () => {
    expect(named(gpt2({ std: 0.2 }))).toEqual(["output: too large"]);
  });
});

describe("single statistics", () => {
  const layer = (values: Partial<LayerStatistics>): LayerStatistics => ({
    name: "layer",
    kind: "linear",
    mean: 0,
    std: 1,
    ...values,
  });
  const describeAll = (...args: Parameters<typeof checkInitialization>) =>
    checkInitialization(...args).map(describeFinding);

  test("the output layer of the lecture, where the first loss is 27", () => {
    const logits = layer({ name: "logits", kind: "logits", std: 9.2 });
    expect(describeAll([logits], { initialLoss: 27.3, vocabSize: 27 })).toEqual([
      "logits: standard deviation 9.2 and a first loss of 27.3, expected at most about 1 and ln 27 = 3.30: scale the " +
        "output layer's weight by 0.01 and start its bias at 0",
    ]);
    expect(describeAll([logits])).toEqual([
      "logits: standard deviation 9.2, expected at most about 1: scale the output layer's weight by 0.01 and start its bias at 0",
    ]);
  });

  test("a loss that no layer explains", () => {
    expect(describeAll([], { initialLoss: 12, vocabSize: 27 })).toEqual([
      "loss: first loss 12.0, expected ln 27 = 3.30: scale the output layer's weight by 0.01 and start its bias at 0; if " +
        "its logits are small already, look at the targets",
    ]);
    expect(checkInitialization([], { initialLoss: 1, vocabSize: 27 })[0].problem).toBe("loss too low");
    expect(
      checkInitialization([layer({ kind: "logits", std: 9 })], { initialLoss: Number.NaN, vocabSize: 27 }),
    ).toHaveLength(2);
  });

  test("an output bias at the frequencies of the tokens, and logits of N(0, 1), are fine", () => {
    expect(checkInitialization([], { initialLoss: 2.82, vocabSize: 27 })).toEqual([]);
    expect(checkInitialization([layer({ kind: "logits" })], { initialLoss: 4.88, vocabSize: 65 })).toEqual([]);
  });

  test("a residual stream that grows", () => {
    const stream = [3, 9, 27].map((std, i) => layer({ name: `blocks.${i}`, kind: "residual", std }));
    expect(describeAll(stream)).toEqual([
      "blocks.2: standard deviation 27 after 3 residual layers, each with 3 times that of the one before, expected about 1, " +
        "and at most 10: divide the last weight of every branch by sqrt(2 nLayer) (gpt2Normal), start it at 0 " +
        "(zeroProjection), or normalize",
    ]);
  });

  test("without a fan-in the cure names the factor alone", () => {
    expect(describeAll([layer({ kind: "tanh", std: 0.93, saturated: 0.7 })])).toEqual([
      "layer: 70 % of the outputs saturated, expected at most 30 %: multiply its weight by 0.31, or draw it by kaimingNormal " +
        'with nonlinearity "tanh"',
    ]);
    expect(describeAll([layer({ std: 55, fanIn: 3000 })])).toEqual([
      "layer: standard deviation 55, expected about 1, and at most 10: multiply its weight by 0.018; kaimingNormal with " +
        'nonlinearity "linear" gives it a standard deviation of 0.018 for its 3000 inputs, where it seems to have 1',
    ]);
  });

  test("the first layer that is not finite ends the list: the rest inherits it", () => {
    const bad = { mean: Number.NaN, std: Number.NaN };
    expect(
      describeAll([
        layer({}),
        layer({ name: "norm", ...bad, kind: "activation" }),
        layer({ name: "output", ...bad, kind: "logits" }),
      ]),
    ).toEqual([
      "norm: mean NaN, standard deviation NaN, expected finite numbers: look for a division by zero, a logarithm of zero or an " +
        "overflow in it; what was computed before it is finite",
    ]);
  });

  test("a small and constant projection is no finding, and kinds without a rule have none", () => {
    expect(checkInitialization([layer({ std: 0 }), layer({ std: 1e-4 }), layer({ kind: "query", std: 50 })])).toEqual(
      [],
    );
    expect(checkInitialization([])).toEqual([]);
  });

  test("a vanishing first layer is told to grow", () => {
    expect(describeAll([layer({ kind: "gelu", std: 0.001 })])).toEqual([
      'layer: standard deviation 0.001, expected at least 0.01: enlarge its weight (kaimingNormal with nonlinearity "relu") or ' +
        "its inputs",
    ]);
  });

  test("what are no statistics is refused", () => {
    const of = (values: object) => () => checkInitialization([layer(values)]);
    expect(() => checkInitialization({} as never)).toThrow(
      new TypeError("checkInitialization: expected layers to be an array of statistics, got object"),
    );
    expect(() => checkInitialization([undefined as never])).toThrow(
      new TypeError("checkInitialization: expected layer 0 to have a name, got undefined"),
    );
    expect(of({ kind: "conv" })).toThrow(
      /^checkInitialization: expected the kind of layer to be one of linear, tanh, .*, got "conv"$/,
    );
    expect(of({ mean: undefined })).toThrow(
      new TypeError("checkInitialization: expected mean and std of layer to be numbers, got undefined, number"),
    );
    expect(of({ std: -1 })).toThrow(new RangeError("checkInitialization: expected std of layer to be >= 0, got -1"));
    expect(of({ saturated: 70 })).toThrow(
      new RangeError("checkInitialization: expected saturated of layer to be a share in [0, 1], got 70"),
    );
    expect(of({ dead: -0.1 })).toThrow(RangeError);
    expect(of({ fanIn: 0 })).toThrow(
      new RangeError("checkInitialization: expected fanIn of layer to be an integer >= 1, got 0"),
    );
    expect(() => checkInitialization([], { initialLoss: 3 })).toThrow(
      new TypeError("checkInitialization: expected initialLoss and vocabSize together, got only one of them"),
    );
    expect(() => checkInitialization([], { initialLoss: 3, vocabSize: 0 })).toThrow(RangeError);
  });
});
