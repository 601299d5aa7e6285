import { causalEdges, type Edge, graphMask, MultiHeadAttention } from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import { compile, input, graphOf, referenceEngine, type Tensor } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

async function evaluate(tensor: Tensor, feeds: Record<string, Float32Array> = {}): Promise<number[]> {
  const program = await compile(referenceEngine(), graphOf({ tensor }));
  return Array.from((await program.run(feeds)).tensor.data, Number);
}

describe("graphMask", () => {
  it("is true where an edge leads from the column's node to the row's", async () => {
    const mask = graphMask(3, [
      [0, 1],
      [2, 1],
      [2, 1],
    ]);
    expect(mask).toMatchObject({ shape: [3, 3], dtype: "bool" });
    expect(await evaluate(mask)).toEqual([0, 0, 0, 1, 0, 1, 0, 0, 0]);
  });

  it("lets a node hear those that speak to it alone, and gives zeros to one that hears nobody", async () => {
    const attention = new MultiHeadAttention(2, { numHeads: 1, rng: new Rng(1), outputProjection: false });
    const x = input("x", [1, 3, 2]);
    const feeds = { x: Float32Array.of(1, -2, 3, 0.5, -1, 4) };
    const [nobody, one, both] = [[], [0], [0, 2]]; // who speaks to nodes 0, 1 and 2
    const edges = [nobody, one, both].flatMap((speakers, to) => speakers.map((from): Edge => [from, to]));
    const { output, probabilities, present } = attention.forward(x, { mask: graphMask(3, edges) });
    const heard = await evaluate(output, feeds);
    const values = await evaluate(present.value, feeds); // [1, 1, 3, 2]
    const shares = await evaluate(probabilities, feeds); // [1, 1, 3, 3]
    expect(heard.slice(0, 2)).toEqual([0, 0]);
    expect(shares.slice(0, 3)).toEqual([0, 0, 0]);
    expect(heard.slice(2, 4)).toEqual(values.slice(0, 2));
    expect(shares.slice(3, 6)).toEqual([1, 0, 0]);
    expect(shares[7]).toBe(0);
    expect(shares[6] + shares[8]).toBeCloseTo(1, 6);
  });

  it("refuses nodes that are not there, and graphs without nodes", () => {
    const edges: Edge[] = [[0, 3]];
    expect(() => graphMask(3, edges)).toThrow(
      new RangeError("graphMask: expected edges between nodes 0 to 2, got [0, 3]"),
    );
    expect(() => graphMask(3, [[-1, 0]])).toThrow("got [-1, 0]");
    expect(() => graphMask(0, [])).toThrow(new RangeError("graphMask: expected size to be an integer >= 1, got 0"));
    expect(() => causalEdges(1.5)).toThrow(new RangeError("causalEdges: expected size to be an integer >= 1, got 1.5"));
  });
});

describe("causalEdges", () => {
  it("lead from each node to itself and those after it", () => {
    expect(causalEdges(3)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 1],
      [1, 2],
      [2, 2],
    ]);
  });

  it("make causal attention", async () => {
    const options = { numHeads: 2, rng: new Rng(1) };
    const onGraph = new MultiHeadAttention(4, options);
    const causal = new MultiHeadAttention(4, { ...options, rng: new Rng(1), causal: true });
    const x = input("x", [1, 5, 4]);
    const feeds = { x: Float32Array.from({ length: 20 }, (_, index) => Math.sin(index)) };
    const heard = await evaluate(onGraph.forward(x, { mask: graphMask(5, causalEdges(5)) }).output, feeds);
    expect(heard).toEqual(await evaluate(causal.forward(x).output, feeds));
  });
});
