import { Rng } from "@llm-learning/init";
import { Training } from "@llm-learning/nn-core";
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

  it("refuses named dimensions", () => {
    expect(() => new Training().bernoulli(["batch_size", 4], 0.5)).toThrow(
      new RangeError(
        "Training.bernoulli: expected a static shape, got [batch_size, 4]; trace training graphs with numbers",
      ),
    );
  });
});
