import {
  blockSparseMask,
  causalEdges,
  describeMask,
  documentMask,
  type Edge,
  graphMask,
  maskEdges,
  prefixMask,
  slidingWindowMask,
} from "@llm-learning/attention";
import { constant, evaluateFloat64, graphOf, input, isTensor, logicalAnd, type Tensor } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

/** A mask as lines of text, one a listener: "x" where it hears, "." where it does not. */
function drawn(mask: Tensor, feeds: Parameters<typeof evaluateFloat64>[1] = {}): string[] {
  const { shape, data } = evaluateFloat64(graphOf({ mask }), feeds).mask;
  const width = shape[shape.length - 1];
  const letters = Array.from(data, (hears) => (hears === 1 ? "x" : ".")).join("");
  return letters.match(new RegExp(`.{${width}}`, "g")) ?? [];
}

/** Lengths as names of dimensions: what listens is `new`, what speaks is `all`, which two inputs give their sizes. */
function drawnAtLengths(mask: (tokens: string, listeners: string) => Tensor, tokens: number, listeners: number) {
  const lengths = [input("all", ["all"], "bool"), input("new", ["new"], "bool")];
  const graph = graphOf({ mask: mask("all", "new") }, lengths);
  const feeds = {
    all: { shape: [tokens], data: new Uint8Array(tokens) },
    new: { shape: [listeners], data: new Uint8Array(listeners) },
  };
  const { shape, data } = evaluateFloat64(graph, feeds).mask;
  expect(shape).toEqual([listeners, tokens]);
  const letters = Array.from(data, (hears) => (hears === 1 ? "x" : ".")).join("");
  return letters.match(new RegExp(`.{${tokens}}`, "g"));
}

describe("slidingWindowMask", () => {
  it("lets a token hear itself and those just before it", () => {
    expect(slidingWindowMask(5, 2)).toMatchObject({ shape: [5, 5], dtype: "bool" });
    expect(drawn(slidingWindowMask(5, 2))).toEqual(["x....", "xx...", ".xx..", "..xx.", "...xx"]);
    expect(drawn(slidingWindowMask(3, 1))).toEqual(["x..", ".x.", "..x"]);
  });

  it("is the causal graph where the window is as long as the text", () => {
    expect(drawn(slidingWindowMask(4, 4))).toEqual(drawn(graphMask(4, causalEdges(4))));
  });

  it("hears as far ahead as back where it is not causal", () => {
    expect(drawn(slidingWindowMask(4, 2, { causal: false }))).toEqual(["xx..", "xxx.", ".xxx", "..xx"]);
  });

  it("gives the last listeners their rows, with numbers as with names of dimensions", () => {
    const whole = drawn(slidingWindowMask(5, 3));
    expect(drawn(slidingWindowMask(5, 3, { listeners: 2 }))).toEqual(whole.slice(3));
    expect(drawnAtLengths((all, listeners) => slidingWindowMask(all, 3, { listeners }), 5, 2)).toEqual(whole.slice(3));
    expect(drawnAtLengths((all, listeners) => slidingWindowMask(all, 3, { listeners }), 5, 5)).toEqual(whole);
  });

  it("refuses windows that reach nobody and more listeners than tokens", () => {
    expect(() => slidingWindowMask(4, 0)).toThrow(
      new RangeError("slidingWindowMask: expected window to be an integer >= 1, got 0"),
    );
    expect(() => slidingWindowMask(0, 1)).toThrow("slidingWindowMask: expected tokens to be an integer >= 1, got 0");
    expect(() => slidingWindowMask(4, 2, { listeners: 5 })).toThrow(
      new RangeError("slidingWindowMask: expected at most 4 listeners (tokens), got 5"),
    );
  });
});

describe("prefixMask", () => {
  it("lets the prefix hear itself in both directions, and the rest causally", () => {
    expect(drawn(prefixMask(4, 2))).toEqual(["xx..", "xx..", "xxx.", "xxxx"]);
    expect(drawn(prefixMask(3, 0))).toEqual(drawn(graphMask(3, causalEdges(3))));
  });

  it("takes a length for each text", () => {
    const mask = prefixMask(3, input("prefix", [2], "int64"));
    expect(mask.shape).toEqual([2, 1, 3, 3]);
    const lines = drawn(mask, { prefix: BigInt64Array.of(2n, 3n) });
    expect(lines).toEqual(["xx.", "xx.", "xxx", "xxx", "xxx", "xxx"]);
  });

  it("gives the last listeners their rows", () => {
    const whole = drawn(prefixMask(5, 3));
    expect(drawn(prefixMask(5, 3, { listeners: 3 }))).toEqual(whole.slice(2));
    expect(drawnAtLengths((all, listeners) => prefixMask(all, 3, { listeners }), 5, 3)).toEqual(whole.slice(2));
  });

  it("refuses prefixes that are no lengths", () => {
    expect(() => prefixMask(3, -1)).toThrow(
      new RangeError("prefixMask: expected prefix to be an integer >= 0, got -1"),
    );
    expect(() => prefixMask(3, input("prefix", [2, 1], "int32"))).toThrow(
      new RangeError("prefixMask: expected prefix to be a number or [B], got [2, 1]"),
    );
  });
});

describe("blockSparseMask", () => {
  it("lets every token of a block hear every token of the blocks that speak to it", () => {
    const edges: Edge[] = [
      [0, 0],
      [0, 2],
      [1, 1],
      [2, 2],
    ];
    const mask = blockSparseMask(5, 2, edges); // the last block has one token
    expect(mask).toMatchObject({ shape: [5, 5], dtype: "bool" });
    expect(drawn(mask)).toEqual(["xx...", "xx...", "..xx.", "..xx.", "xx..x"]);
  });

  it("with blocks of one token is the graph of tokens", () => {
    expect(drawn(blockSparseMask(4, 1, causalEdges(4)))).toEqual(drawn(graphMask(4, causalEdges(4))));
  });

  it("joins a causal graph", () => {
    const causal = graphMask(4, causalEdges(4));
    const blocks = blockSparseMask(4, 2, [
      [0, 0],
      [1, 1],
    ]);
    expect(drawn(logicalAnd(blocks, causal))).toEqual(["x...", "xx..", "..x.", "..xx"]);
  });

  it("refuses blocks that are not there", () => {
    expect(() => blockSparseMask(5, 2, [[0, 3]])).toThrow(
      new RangeError("blockSparseMask: expected edges between blocks 0 to 2, got [0, 3]"),
    );
    expect(() => blockSparseMask(5, 0, [])).toThrow("blockSparseMask: expected blockSize to be an integer >= 1, got 0");
  });

  it("gives the last listeners their rows, of as many tokens as there are", () => {
    const edges: Edge[] = [
      [0, 0],
      [2, 1],
      [1, 1],
      [0, 2],
    ];
    const whole = drawn(blockSparseMask(5, 2, edges));
    const rows = whole.slice(2, 4).map((row) => row.slice(0, 4));
    expect(drawn(blockSparseMask(5, 2, edges, { tokens: 4, listeners: 2 }))).toEqual(rows);
    const growing = (tokens: string, listeners: string): Tensor => blockSparseMask(5, 2, edges, { tokens, listeners });
    expect(drawnAtLengths(growing, 4, 2)).toEqual(rows);
    expect(drawnAtLengths(growing, 5, 5)).toEqual(whole);
    expect(() => drawnAtLengths(growing, 6, 1)).toThrow(/embedding: expected .+ got 5/);
    expect(() => blockSparseMask(5, 2, edges, { tokens: 6 })).toThrow(
      new RangeError("blockSparseMask: expected at most 5 tokens, as many as the graph has, got 6"),
    );
    expect(() => graphMask(3, [], { tokens: 2, listeners: 3 })).toThrow(
      new RangeError("graphMask: expected at most 2 listeners (tokens), got 3"),
    );
  });
});

describe("documentMask", () => {
  it("keeps messages inside a document", () => {
    const mask = documentMask([7, 7, 3, 7]);
    expect(mask.shape).toEqual([4, 4]);
    expect(drawn(mask)).toEqual(["xx.x", "xx.x", "..x.", "xx.x"]);
  });

  it("takes the documents of a batch as a tensor", () => {
    const mask = documentMask(input("documents", [2, 3], "int32"));
    expect(mask.shape).toEqual([2, 1, 3, 3]);
    expect(drawn(mask, { documents: Int32Array.of(0, 0, 1, 5, 6, 6) })).toEqual([
      "xx.",
      "xx.",
      "..x",
      "x..",
      ".xx",
      ".xx",
    ]);
  });

  it("lets new tokens hear those of their document in a cache", () => {
    const mask = documentMask(input("new", ["b", "t"], "int64"), input("all", ["b", "s"], "int64"));
    expect(mask.shape).toEqual(["b", 1, "t", "s"]);
    const feeds = {
      new: { shape: [1, 2], data: BigInt64Array.of(1n, 2n) },
      all: { shape: [1, 4], data: BigInt64Array.of(0n, 1n, 1n, 2n) },
    };
    expect(drawn(mask, feeds)).toEqual([".xx.", "...x"]);
  });

  it("refuses documents that are no list of integers", () => {
    expect(() => documentMask(input("d", [2], "int32"))).toThrow(
      new RangeError("documentMask: expected documents [B, T], or numbers, got [2]"),
    );
    expect(() => documentMask([0, 1.5])).toThrow("constant: expected values that int32 can hold, got 1.5");
    expect(() => documentMask([0, 1], input("d", [1, 2], "int32"))).toThrow(
      new RangeError("documentMask: expected listeners and speakers of one rank, got [2] and [1, 2]"),
    );
    expect(isTensor(documentMask([0]))).toBe(true);
  });
});

describe("maskEdges and describeMask", () => {
  const edges: Edge[] = [
    [2, 0],
    [0, 1],
    [1, 1],
  ];

  it("say what a graph was made of, and what the listeners of a growing text hear", () => {
    expect(maskEdges(graphMask(3, edges))).toEqual(edges);
    expect(describeMask(graphMask(3, edges))).toBe("..x\nxx.\n...");
    const last = slidingWindowMask(5, 2, { listeners: 2 });
    expect(maskEdges(last)).toEqual([
      [2, 3],
      [3, 3],
      [3, 4],
      [4, 4],
    ]);
    expect(describeMask(last)).toBe("..xx.\n...xx");
  });

  it("take masks of one text alone, which need no inputs", () => {
    const one = documentMask(constant(Int32Array.of(0, 1), [1, 2], "int32")); // [1, 1, 2, 2]
    expect(describeMask(one)).toBe("x.\n.x");
    expect(() => maskEdges(documentMask(input("documents", [1, 2], "int32")))).toThrow(
      new RangeError(
        "maskEdges: expected a bool mask [listeners, tokens] of numbers, without inputs, " +
          "got bool [1, 1, 2, 2] that depends on documents",
      ),
    );
    const two = documentMask(constant(Int32Array.of(0, 1), [2, 1], "int32"));
    expect(() => describeMask(two)).toThrow(
      "describeMask: expected a bool mask [listeners, tokens] of numbers, without inputs, got bool [2, 1, 1, 1]",
    );
    expect(() => describeMask(constant([1], [1, 1]))).toThrow("got float32 [1, 1]");
  });
});
