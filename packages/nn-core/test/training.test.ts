import { Rng } from "@llm-learning/init";
import { add, constant, Parameter, Training } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("Training", () => {
  it("names its masks in the order in which they were asked for", () => {
    const training = new Training();
    const masks = [training.bernoulli([2, 3], 0.5), training.bernoulli([], 0.9)];
    expect(masks.map(({ source, shape, dtype }) => [source, shape, dtype])).toEqual([
      [{ kind: "input", name: "random.0" }, [2, 3], "bool"],
      [{ kind: "input", name: "random.1" }, [], "bool"],
    ]);
    const feeds = training.draw(new Rng(1));
    expect(Object.entries(feeds).map(([name, data]) => [name, (data as Uint8Array).length])).toEqual([
      ["random.0", 6],
      ["random.1", 1],
    ]);
  });

  it("draws the same masks from the same generator, and others from a later draw", () => {
    const training = new Training();
    training.bernoulli([64], 0.5);
    const draw = (rng: Rng): number[] => [...(training.draw(rng)["random.0"] as Uint8Array)];
    const rng = new Rng(1);
    const first = draw(rng);
    expect(draw(rng)).not.toEqual(first);
    expect(draw(new Rng(1))).toEqual(first);
    expect(new Set(first)).toEqual(new Set([0, 1]));
  });

  it("refuses named dimensions, and probabilities that are none", () => {
    for (const probability of [1.5, -0.1, Number.NaN]) {
      expect(() => new Training().bernoulli([2], probability)).toThrow(
        new RangeError(`Training.bernoulli: expected a keepProbability in [0, 1], got ${probability}`),
      );
    }
    expect(() => new Training().bernoulli(["batch_size", 4], 0.5)).toThrow(
      new RangeError(
        "Training.bernoulli: expected a static shape, got [batch_size, 4]; trace training graphs with numbers",
      ),
    );
  });
});

describe("Training.update", () => {
  const statistic = (): Parameter => new Parameter([2], { trainable: false });

  it("gathers new values of parameters in the order in which they were announced", () => {
    const training = new Training();
    const [mean, variance] = [statistic(), statistic()];
    const value = add(mean, 1);
    training.update(variance, constant([1, 2], [2]));
    training.update(mean, value);
    expect([...training.updates.keys()]).toEqual([variance, mean]);
    expect(training.updates.get(mean)).toBe(value);
  });

  it("refuses a learned parameter, another shape, and a second value", () => {
    const training = new Training();
    const mean = statistic();
    expect(() => training.update(new Parameter([2]), constant([1, 2], [2]))).toThrow(
      "Training.update: expected a parameter that is not trainable, got one that an optimizer changes",
    );
    expect(() => training.update(mean, constant(1))).toThrow("Training.update: expected float32 [2], got float32 []");
    training.update(mean, constant([1, 2], [2]));
    expect(() => training.update(mean, constant([1, 2], [2]))).toThrow(
      "a layer that keeps statistics was applied twice",
    );
  });
});
