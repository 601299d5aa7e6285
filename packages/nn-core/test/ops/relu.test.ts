import {
  add,
  grad,
  graphOf,
  input,
  mul,
  referenceEngine,
  relu,
  square,
  sum,
  tap,
  type Tensor,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const x = input("x", [5]);
const data = Float32Array.of(-2, -0, 0, 0.5, 3);

async function gradient(loss: Tensor): Promise<{ ops: string[]; values: number[] }> {
  const graph = graphOf({ gradient: grad(loss, [x])[0] });
  const program = await referenceEngine().compile(graph);
  const { gradient: result } = await program.run({ x: data });
  return { ops: graph.nodes.map(({ op }) => op.name), values: Array.from(result.data, Number) };
}

describe("relu", () => {
  it("lets the gradient through where x is above 0, and nowhere else", async () => {
    const { values } = await gradient(sum(mul(relu(x), 7)));
    expect(values.map((value) => value + 0)).toEqual([0, 0, 0, 7, 7]);
  });

  it("masks no gradient that is 0 there anyway: d relu(x)^2 = 2 relu(x)", async () => {
    const { ops, values } = await gradient(sum(square(tap(relu(x), "hidden"))));
    expect(ops).not.toContain("less");
    expect(values).toEqual([0, 0, 0, 1, 6]);
  });

  it("masks a gradient of which only a part is 0 there: d (relu(x)^2 + 3 relu(x))", async () => {
    const y = relu(x);
    const { ops, values } = await gradient(sum(add(square(y), mul(y, 3))));
    expect(ops).toContain("less");
    expect(values.map((value) => value + 0)).toEqual([0, 0, 0, 4, 9]);
  });
});
