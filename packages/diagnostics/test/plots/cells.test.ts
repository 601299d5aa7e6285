// Worked examples of the plots that are made of cells, points and words.
import {
  attentionGraph,
  attentionMap,
  bigramHeatmap,
  deadNeuronMatrix,
  embeddingScatter,
  histogramsOverTime,
  tokenLoss,
} from "@llm-learning/diagnostics";
import { descendants, parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, test } from "vitest";

const texts = (svg: string) => descendants(parseXml(svg), "text").map(({ text }) => text);
const tooltips = (svg: string) => descendants(parseXml(svg), "title").map(({ text }) => text);
const description = (svg: string) => parseXml(svg).children[1].text;

describe("deadNeuronMatrix", () => {
  // Three examples of four neurons; neuron 2 is beyond 0.99 for all of them.
  const activations = [0.5, 0.995, 1, 0, -0.2, 0.1, -1, 0, 0.99, -0.999, 0.991, 0];

  test("paints saturated units white, and marks columns that are white throughout", () => {
    const svg = deadNeuronMatrix({ activations, neurons: 4 });
    // In cells: neurons 1 and 2 of example 0, 2 of example 1, and 1 and 2 of example 2. 0.99 itself is not beyond 0.99.
    expect(svg).toContain('d="M1 0h2v1h-2zM2 1h1v1h-1zM1 2h2v1h-2z"');
    expect(description(svg)).toBe("41.7 % of 12 outputs are saturated; 1 neuron is dead. " + notes(svg));
    expect(texts(svg)).toContain("▼ dead for all 3 examples: neurons 2.");
  });

  test("knows what is flat for sigmoid and ReLU", () => {
    const sigmoid = deadNeuronMatrix({ activations: [0.5, 0.995, 0.005], neurons: 3 }, { nonlinearity: "sigmoid" });
    expect(texts(sigmoid)).toContain("66.7 % of 3 outputs are saturated (h > 0.99 or h < 0.01).");
    const relu = deadNeuronMatrix({ activations: [0, 2, 0, 0], neurons: 2 }, { nonlinearity: "relu" });
    expect(texts(relu)).toContain("▼ dead for all 2 examples: neurons 0.");
  });

  test("counts all examples, and draws 256 of many", () => {
    const many = new Float32Array(2000).fill(1);
    many[999] = 0;
    const svg = deadNeuronMatrix({ activations: many, neurons: 2 });
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["▼ dead for all 1,000 examples: neurons 0.", "256 of 1,000 examples are drawn."]),
    );
  });

  test("says what it wants", () => {
    expect(() => deadNeuronMatrix({ activations: [1, 2, 3], neurons: 2 })).toThrow(
      "deadNeuronMatrix: expected activations of at least one example and neuron, got 3 for 2 neurons",
    );
  });

  function notes(svg: string): string {
    return texts(svg)
      .filter((text) => text.endsWith("."))
      .join(" ");
  }
});

describe("bigramHeatmap", () => {
  test("labels each cell with its pair and count", () => {
    const svg = bigramHeatmap({ counts: [0, 4, 1, 1234], tokens: ["\n", "a"] });
    expect(texts(svg)).toEqual(expect.arrayContaining(["↵↵", "↵a", "a↵", "aa", "0", "4", "1", "1234"]));
    expect(tooltips(svg)).toContain("a after ↵: 4");
    expect(description(svg)).toContain("1,239 pairs, at most 1,234 of one; 1 pair of 4 never occur.");
  });

  test("has room for the labels of 27 characters at its own width, and says where it has none", () => {
    const tokens = [..."\nabcdefghijklmnopqrstuvwxyz"];
    const counts = new Float64Array(729).fill(6763);
    expect(texts(bigramHeatmap({ counts, tokens })).filter((text) => text === "6763")).toHaveLength(729);
    expect(texts(bigramHeatmap({ counts, tokens }, { width: 390 }))).toContain(
      "The pairs and counts stand in the cells of a wider plot.",
    );
  });

  test("says what it wants", () => {
    expect(() => bigramHeatmap({ counts: [1], tokens: ["a", "b"] })).toThrow(
      "bigramHeatmap: expected 2 * 2 = 4 counts, got 1",
    );
    expect(() => bigramHeatmap({ counts: [NaN], tokens: ["a"] })).toThrow("expected counts of at least 0, got NaN");
    expect(() => bigramHeatmap({ counts: [], tokens: [] })).toThrow("expected 1 to 128 tokens, got 0");
  });
});

describe("attentionMap", () => {
  test("draws a map for each head with its tokens and tooltips", () => {
    const svg = attentionMap({ probabilities: [1, 0, 0.5, 0.5, 1, 0, 0.25, 0.75], tokens: ["The", " cat"] });
    expect(texts(svg)).toEqual(expect.arrayContaining(["head 0", "head 1", "The", "␣cat"]));
    expect(tooltips(svg)).toEqual(
      expect.arrayContaining(["head 0: ␣cat attends The: 0.5", "head 1: ␣cat attends ␣cat: 0.75"]),
    );
  });

  test("takes the greatest of a square where there are too many cells, and says so", () => {
    const tokens = Array.from({ length: 400 }, (_, i) => String(i % 10));
    const svg = attentionMap({ probabilities: new Float32Array(400 * 400).fill(1 / 400), tokens });
    // 160,000 cells are 4.9 times 32,768: squares of 3 by 3.
    expect(texts(svg)).toContain("Each cell is the greatest of 3 by 3 probabilities.");
    expect(svg.length).toBeLessThan(60_000);
  });

  test("says what it wants", () => {
    expect(() => attentionMap({ probabilities: [1, 2, 3], tokens: ["a", "b"] })).toThrow(
      "attentionMap: expected 1 to 32 heads of 2 * 2 probabilities, got 3 numbers",
    );
    expect(() => attentionMap({ probabilities: [1], tokens: ["a"], heads: [] })).toThrow(
      "attentionMap: expected 1 names of heads, got 0",
    );
  });
});

describe("attentionGraph", () => {
  const nodes = ["a", "b", "c"];
  const causal = nodes.flatMap((_, i) => nodes.slice(i).map((_, k): [number, number] => [i, i + k]));

  test("gives the lower triangle for the graph in which a node reaches itself and those after it", () => {
    const shown = tooltips(attentionGraph({ nodes, edges: causal }));
    expect(shown.filter((text) => /^[abc] may/.test(text)).slice(0, 9)).toEqual(
      [
        "a may attend a",
        "a may not attend b",
        "a may not attend c",
        "b may attend a",
        "b may attend b",
        "b may not attend c",
        "c may attend a",
        "c may attend b",
        "c may attend c",
      ].toSorted(byLevel),
    );
    expect(shown).toEqual(expect.arrayContaining(["c attends a: 0.333", "b may attend a: 0.5", "a may attend a: 1"]));
  });

  test("draws an arrow for each edge, once", () => {
    const svg = attentionGraph({ nodes, edges: [...causal, [0, 1]] });
    expect(tooltips(svg).filter((text) => /^[abc] attends/.test(text))).toHaveLength(6);
    expect(description(svg)).toMatch(/^3 nodes and 6 edges. a attends a; b attends a, b; c attends a, b, c\./);
  });

  test("takes any graph, and names nodes that hear nobody", () => {
    const svg = attentionGraph(
      {
        nodes,
        edges: [
          [2, 0],
          [0, 2],
        ],
      },
      { layout: "circle" },
    );
    expect(texts(svg)).toContain(
      "Nobody speaks to b: there is nothing to take a softmax of, and attention gives zeros.",
    );
    expect(tooltips(svg)).toContain("b may not attend a: 0");
  });

  test("refuses attention where there is no edge, with the cure", () => {
    const attention = [1, 0, 0, 0.5, 0.5, 0, 0.2, 0.3, 0.5];
    expect(() => attentionGraph({ nodes, edges: causal.slice(1), attention })).toThrow(
      "attentionGraph: expected no attention without an edge, got 1 of node 0 to node 0; add the edge [0, 0] or mask the " +
        "scores before the softmax",
    );
    expect(() => attentionGraph({ nodes, edges: [[0, 3]] })).toThrow(
      "attentionGraph: expected edges between nodes 0 to 2, got [0, 3]",
    );
  });

  /** Cells of one colour stand together: those that may not attend come first. */
  function byLevel(a: string, b: string): number {
    return Number(b.includes("not")) - Number(a.includes("not"));
  }
});

describe("embeddingScatter", () => {
  test("puts tokens at two dimensions of their rows", () => {
    const svg = embeddingScatter({ embedding: [0, 1, 9, 10, -1, 9], tokens: ["a", "\n"] }, { dimensions: [0, 1] });
    expect(tooltips(svg)).toEqual(expect.arrayContaining(["a: 0, 1", "↵: 10, −1"]));
    const [a, newline] = descendants(parseXml(svg), "circle").filter(({ attributes }) => attributes.fill === "none");
    expect(Number(newline.attributes.cx)).toBeGreaterThan(Number(a.attributes.cx));
    expect(Number(newline.attributes.cy)).toBeGreaterThan(Number(a.attributes.cy));
  });

  test("leaves out names that would cover others, and what has no place, and says so", () => {
    const svg = embeddingScatter({
      embedding: [0, 0, 0.001, 0, 5, 5, NaN, 0],
      tokens: ["first", "second", "third", "lost"],
    });
    expect(texts(svg)).toEqual(expect.arrayContaining(["first", "× 1 token has no finite place."]));
    expect(texts(svg)).not.toContain("second");
  });

  test("says what it wants", () => {
    expect(() => embeddingScatter({ embedding: [1, 2, 3], tokens: ["a", "b"] })).toThrow(
      "embeddingScatter: expected rows of one length for 2 tokens, got 3 numbers",
    );
    expect(() => embeddingScatter({ embedding: [1, 2], tokens: ["a"] }, { dimensions: [0, 2] })).toThrow(
      "embeddingScatter: expected dimensions from 0 to 1, got 2",
    );
  });
});

describe("histogramsOverTime", () => {
  test("spreads bins over common rows, and shares over the scale", () => {
    const histograms = [
      { edges: [0, 1, 2], counts: [4, 0] },
      { edges: [0, 2], counts: [4] },
    ];
    const svg = histogramsOverTime({ label: "hidden", steps: [0, 10], histograms });
    // Step 0: all in the lower row. Step 10: half in each, whose square root is 0.71 of the scale, level 11.
    expect(svg).toMatch(/class="h15"[^>]*><path d="M0 1h1v1h-1z"/);
    expect(svg).toMatch(/class="h11"[^>]*><path d="M1 0h1v1h-1zM1 1h1v1h-1z"/);
    expect(svg).toMatch(/class="h0"[^>]*><path d="M0 0h1v1h-1z"/);
    expect(texts(svg)).toEqual(expect.arrayContaining(["hidden over time", "100"]));
  });

  test("says what it wants", () => {
    const histogram = { edges: [0, 1], counts: [1] };
    expect(() => histogramsOverTime({ label: "h", steps: [1, 1], histograms: [histogram, histogram] })).toThrow(
      "histogramsOverTime: expected finite, rising steps, got 1 after 1",
    );
    expect(() => histogramsOverTime({ label: "h", steps: [], histograms: [] })).toThrow(
      "histogramsOverTime: expected a step for each of at least one histogram, got 0 steps and 0 histograms",
    );
  });
});

describe("tokenLoss", () => {
  test("tells loss and probability of each token, and the mean", () => {
    const svg = tokenLoss({ tokens: ["The", " cat", "\n"], losses: [NaN, Math.LN2, 3 * Math.LN2] });
    expect(tooltips(svg)).toEqual(
      expect.arrayContaining([
        "The: no loss",
        "␣cat: 0.6931 nats, probability 50 %",
        "↵: 2.079 nats, probability 12.5 %",
      ]),
    );
    expect(texts(svg)).toContain("Mean of 2 tokens: 1.386 nats.");
  });

  test("shows an infinite loss as that", () => {
    const svg = tokenLoss({ tokens: ["q", "x"], losses: [1, Infinity] });
    expect(texts(svg)).toEqual(expect.arrayContaining(["∞", "1 token has an infinite loss: ∞ above the text."]));
    expect(tooltips(svg)).toContain("x: ∞ nats, probability 0 %");
  });

  test("breaks lines where they end, and where the text does", () => {
    const svg = tokenLoss(
      { tokens: ["a", "\n", "b", ..."x".repeat(60)], losses: new Float64Array(63) },
      { width: 390 },
    );
    const places = descendants(parseXml(svg), "text")
      .filter(({ attributes }) => "textLength" in attributes)
      .map(({ text, attributes: { x, y } }) => [text, Number(x), Number(y)]);
    expect(places.slice(0, 4)).toEqual([
      ["a", 0, 17],
      ["↵", 8, 17],
      ["b", 0, 53],
      ["x", 8, 53],
    ]);
    // 370 pixels hold 46 cells of 8.
    expect(places[2 + 46]).toEqual(["x", 0, 89]);
  });

  test("says what it wants", () => {
    expect(() => tokenLoss({ tokens: ["a"], losses: [] })).toThrow(
      "tokenLoss: expected a loss for each of at least one token, got 1 tokens and 0 losses",
    );
    expect(() => tokenLoss({ tokens: ["a"], losses: [1] }, { max: 0 })).toThrow(
      "tokenLoss: expected a max above 0 nats, got 0",
    );
  });
});
