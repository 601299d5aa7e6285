import { Rng } from "@llm-learning/init";
import { decayGroups, Linear, Parameter } from "@llm-learning/nn-core";
import { expect, it } from "vitest";

it("decayGroups lets matrices decay and vectors not, and leaves out what is not trained", () => {
  const model = {
    layer: new Linear(3, 2, { rng: new Rng(1) }),
    scale: new Parameter([3]),
    table: new Parameter([2, 2, 2]),
    running: new Parameter([4, 4], { trainable: false }),
  };
  const groups = decayGroups(model, 0.1);
  expect(groups.map(({ parameters, weightDecay }) => [[...parameters.keys()], weightDecay])).toEqual([
    [["layer.weight", "table"], 0.1],
    [["layer.bias", "scale"], 0],
  ]);
  expect(groups[0].parameters.get("layer.weight")).toBe(model.layer.weight);
});
