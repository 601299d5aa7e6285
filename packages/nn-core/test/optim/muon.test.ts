import { Rng } from "@llm-learning/init";
import {
  compile,
  Muon,
  muonCoefficients,
  newtonSchulz,
  Parameter,
  referenceEngine,
  trace,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const engine = referenceEngine();

function normalMatrix(rows: number, columns: number, seed: number): Float32Array {
  const rng = new Rng(seed);
  return Float32Array.from({ length: rows * columns }, () => rng.normal());
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k], 0);

const column = (matrix: readonly (readonly number[])[], k: number): number[] => matrix.map((row) => row[k]);

const groupOf = (parameters: Record<string, Parameter>, weightDecay = 0) => ({
  parameters: new Map(Object.entries(parameters)),
  weightDecay,
});

describe("newtonSchulz", () => {
  it("ends at the nearest orthogonal matrix where its coefficients converge", async () => {
    // 15/8, -10/8 and 3/8 have the fixed point 1 with slope 0.
    const coefficients = Array.from({ length: 12 }, () => [1.875, -1.25, 0.375] as const);
    for (const shape of [
      [2, 3, 5],
      [1, 5, 3],
    ]) {
      const graph = trace({ x: { shape } }, ({ x }) => ({ y: newtonSchulz(x, coefficients) }));
      const [N, rows, columns] = shape;
      const { y } = await (await compile(engine, graph)).run({ x: normalMatrix(N * rows, columns, 3) });
      const side = Math.min(rows, columns);
      for (let n = 0; n < N; n++) {
        const at = (row: number, column: number): number => Number(y.data[(n * rows + row) * columns + column]);
        for (let i = 0; i < side; i++) {
          for (let j = 0; j < side; j++) {
            let product = 0;
            for (let k = 0; k < Math.max(rows, columns); k++) {
              product += rows <= columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
            }
            expect(product).toBeCloseTo(i === j ? 1 : 0, 5);
          }
        }
      }
    }
  });

  it("gives of long matrices what the iteration, written out, gives in double precision", async () => {
    const coefficients = Array.from({ length: 7 }, () => muonCoefficients);
    const [short, long] = [4, 24];
    const wide = normalMatrix(short, long, 5);
    const tall = wide.map((_, index) => wide[(index % short) * long + Math.floor(index / short)]);
    const graph = trace({ wide: { shape: [1, short, long] }, tall: { shape: [1, long, short] } }, (given) => ({
      wide: newtonSchulz(given.wide, coefficients),
      tall: newtonSchulz(given.tall, coefficients),
    }));
    const ours = await (await compile(engine, graph)).run({ wide, tall });
    const norm = Math.hypot(...wide);
    let x = Array.from({ length: short }, (_, row) =>
      Array.from({ length: long }, (_, k) => wide[row * long + k] / norm),
    );
    for (const [a, b, c] of coefficients) {
      const gram = x.map((row) => x.map((other) => dot(row, other)));
      const factor = gram.map((row, i) => row.map((value, j) => (i === j ? a : 0) + b * value + c * dot(row, gram[j])));
      x = factor.map((row) => x[0].map((_, k) => dot(row, column(x, k))));
    }
    expect(ours["wide"].data).toBeAllclose(x.flat(), { atol: 1e-6 });
    expect(ours["tall"].data).toBeAllclose(
      x[0].flatMap((_, k) => column(x, k)),
      { atol: 1e-6 },
    );
  });

  it("leaves zeros as they are", async () => {
    for (const shape of [
      [1, 2, 2],
      [1, 1, 4],
    ]) {
      const graph = trace({ x: { shape } }, ({ x }) => ({ y: newtonSchulz(x, [muonCoefficients]) }));
      const { y } = await (await compile(engine, graph)).run({ x: new Float32Array(4) });
      expect([...y.data]).toEqual([0, 0, 0, 0]);
    }
  });
});

describe("Muon", () => {
  const matrix = (rows: number, columns: number): Parameter => new Parameter([rows, columns]);

  it("takes a fused parameter apart, and computes many of one shape in turn", async () => {
    const gradients = Array.from({ length: 3 }, (_, index) => normalMatrix(4, 4, index));
    const fused = matrix(12, 4);
    const apart = { q: matrix(4, 4), k: matrix(4, 4), v: matrix(4, 4) };
    const ours = new Muon([groupOf({ fused })], { engine, parts: (name) => (name === "fused" ? 3 : 1) });
    const theirs = new Muon([groupOf(apart)], { engine });
    const together = Float32Array.from(gradients.flatMap((values) => [...values]));
    await ours.step({ fused: together }, { learningRate: 0.5 });
    await theirs.step({ q: gradients[0], k: gradients[1], v: gradients[2] }, { learningRate: 0.5 });
    expect(fused.data).toEqual(Float32Array.from(Object.values(apart).flatMap(({ data }) => [...data])));
    await ours.dispose();
  });

  it("divides what does not fit into one run, and changes no bit by it", async () => {
    const gradient = normalMatrix(2, 300_000, 9);
    const large = { a: matrix(2, 300_000), b: matrix(2, 300_000) };
    const optimizer = new Muon([groupOf(large)], { engine, coefficients: [muonCoefficients] });
    await optimizer.step({ a: gradient, b: gradient }, { learningRate: 0.1 });
    expect(large.a.data).toEqual(large.b.data);
  });

  it("scales gradients as clipping has it, which momentum alone can tell, and rates by group", async () => {
    const [plain, scaled] = [matrix(2, 3), matrix(2, 3)];
    const gradient = normalMatrix(2, 3, 1);
    const one = new Muon([groupOf({ plain })], { engine });
    const other = new Muon([{ ...groupOf({ scaled }), learningRateScale: 0.5 }], { engine });
    await one.step({ plain: gradient }, { learningRate: 0.25 });
    await other.step({ scaled: gradient }, { learningRate: 0.5, gradientScale: 0.5 });
    expect(scaled.data).toBeAllclose(plain.data, { atol: 1e-6 }); // the norm is divided by in float32
    expect(other.state().momentumBuffers.get("scaled")!).toBeAllclose(
      one
        .state()
        .momentumBuffers.get("plain")!
        .map((value) => value / 2),
      { rtol: 1e-6 },
    );
  });

  it("refuses what makes no sense", async () => {
    const w = matrix(3, 2);
    const groups = [groupOf({ w })];
    expect(() => new Muon(groups, { engine, momentum: 1 })).toThrow("Muon: expected momentum in [0, 1), got 1");
    expect(() => new Muon(groups, { engine, eps: 0 })).toThrow("Muon: expected a finite eps > 0, got 0");
    expect(() => new Muon(groups, { engine, eps: Infinity })).toThrow("Muon: expected a finite eps > 0, got Infinity");
    expect(() => new Muon(groups, { engine, coefficients: [] })).toThrow(
      "Muon: expected coefficients of one iteration or more, got none",
    );
    expect(() => new Muon(groups, { engine, parts: () => 2 })).toThrow(
      'Muon: expected parts that divide the 3 rows of "w", got 2',
    );
    expect(() => new Muon([groupOf({ b: new Parameter([3]) })], { engine })).toThrow(
      'Muon: expected matrices, got [3] for "b": AdamW takes others',
    );
    const optimizer = new Muon(groups, { engine });
    await expect(optimizer.step({}, { learningRate: 1 })).rejects.toThrow(
      'Muon.step: expected a gradient of 6 values for "w", got none',
    );
    expect(() => optimizer.loadState({ step: 1, momentumBuffers: new Map() })).toThrow(
      'Muon.loadState: expected a momentum buffer of 6 values for "w", got none',
    );
    expect(optimizer.state()).toEqual({ step: 0, momentumBuffers: new Map([["w", new Float32Array(6)]]) });
  });
});
