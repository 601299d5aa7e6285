import {
  activationDistribution,
  embeddingScatter,
  gradientNormCurve,
  lossCurve,
  tokenLoss,
  updateRatio,
} from "@llm-learning/diagnostics";
import { descendants, parseXml, type XmlElement } from "@llm-learning/testing/parseXml";
import { describe, expect, test } from "vitest";
import { hostile, samples } from "./samples.ts";

const names = ["embedding.weight", "hidden.0.weight", "hidden.1.weight", "hidden.2.weight", "output.weight"];
const plain = samples(names);
const attacked = samples(hostile);

describe.each(Object.keys(plain))("%s", (name) => {
  test.each([280, 760, 1280])("is well-formed, named, bounded and inside its sheet at %i pixels", (width) => {
    const svg = plain[name]({ width });
    const root = parseXml(svg);
    expect(root).toMatchObject({ name: "svg", attributes: { role: "img", width: String(width) } });
    expect(root.children.slice(0, 3).map((child) => child.name)).toEqual(["title", "desc", "style"]);
    expect(root.children[0].text).not.toBe("");
    expect(root.children[1].text).toMatch(/^[^]{10,}\.$/);
    expect(svg.length).toBeLessThan(400_000);
    // A number that is none may be written as text, never as a coordinate.
    const all = descendants(root);
    const written = all.flatMap(({ attributes }) => Object.values(attributes));
    expect(written.filter((value) => /NaN|Infinity|undefined|null/.test(value))).toEqual([]);
    const left = Number(/translate\((\d+)/.exec(svg)?.[1]);
    const texts = all.filter((element) => element.name === "text");
    const sizes = all.flatMap(({ attributes }) => attributes["font-size"] ?? []);
    expect(sizes.filter((size) => !(Number(size) >= 10))).toEqual([]);
    const isInside = ({ attributes: { x } }: XmlElement) => Number(x) >= 0 && Number(x) + left <= width;
    expect(texts.filter((text) => !isInside(text)).map(({ text }) => text)).toEqual([]);
  });

  test("draws no background, and its colours follow the page", () => {
    const svg = plain[name]({});
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
    expect(plain[name]({ scheme: "light" })).not.toContain("@media");
    const root = parseXml(svg);
    const painted = descendants(root).flatMap(({ attributes }) => [attributes.fill, attributes.stroke]);
    const colors = new Set(painted.filter((color) => color !== undefined));
    expect([...colors].filter((color) => color !== "none" && color !== "currentColor")).toEqual([]);
  });

  test("is the same for the same data", () => {
    expect(plain[name]({ width: 500 })).toBe(samples(names)[name]({ width: 500 }));
  });

  test("shows hostile names as text", () => {
    for (const width of [390, 1000]) {
      const svg = attacked[name]({ width, title: hostile[0] });
      const root = parseXml(svg);
      expect(root.children[0].text).toBe(hostile[0]);
      expect(new Set(descendants(root).map((element) => element.name))).not.toContain("script");
      expect(svg).not.toMatch(/<script|<!--|on\w+=/);
      expect(svg.length).toBeLessThan(500_000);
    }
  });

  test("refuses widths that nobody can read", () => {
    const message = /: expected a width from 280 to 2000 pixels, got (100|NaN)/;
    expect(() => plain[name]({ width: 100 })).toThrow(message);
    expect(() => plain[name]({ width: NaN })).toThrow(message);
  });
});

describe("numbers at the ends of what there is", () => {
  const expectSvg = (svg: string) => expect(parseXml(svg).name).toBe("svg");

  test("become plots in bounded time", () => {
    for (const values of [
      [1e308, -1e308, 5],
      [5e-324, 1e-323],
      [1, 1 + 2 ** -52],
      [-0, 0],
    ]) {
      expectSvg(lossCurve({ train: { values } }, { scale: "linear" }));
      expectSvg(lossCurve({ train: { values } }));
      expectSvg(gradientNormCurve({ values }));
      expectSvg(lossCurve({ train: { values, steps: values } }));
    }
    const edges = [-1e308, 0, 1e308];
    expectSvg(activationDistribution([{ label: "a", histogram: { edges, counts: [1, 2] }, mean: 0, std: 1 }]));
    expectSvg(embeddingScatter({ embedding: [1e308, -1e308, 0, 0], tokens: ["a", "b"] }));
  });

  test("and names without end are cut", () => {
    const long = "word ".repeat(100_000);
    expect(lossCurve({ train: { values: [1] } }, { title: long }).length).toBeLessThan(20_000);
    expect(updateRatio([{ label: long, values: [1] }]).length).toBeLessThan(40_000);
    expect(tokenLoss({ tokens: [long], losses: [1] }).length).toBeLessThan(30_000);
  });
});
