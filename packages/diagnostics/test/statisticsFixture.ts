/**
 * Tensors whose statistics numpy has computed, as a graph for any engine, and the comparison.
 */

import { readFileSync } from "node:fs";
import { collect, type StatisticsRecord, summarize, type TensorStatistics } from "@llm-learning/diagnostics";
import {
  add,
  compile,
  type Engine,
  graphOf,
  input,
  mul,
  scaledDotProductAttention,
  sum,
  tap,
  type TapKind,
} from "@llm-learning/nn-core";
import { expect } from "vitest";
import "@llm-learning/testing/toBeAllclose";

type Expected = TensorStatistics & Pick<StatisticsRecord, "saturated" | "dead" | "gradient">;

interface FixtureCase {
  readonly name: string;
  readonly kind: TapKind;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
  /** Gradient that arrives at the tap. */
  readonly weight: readonly number[];
  readonly expected: Expected;
}

interface Fixture {
  readonly bins: number;
  readonly sampleSize: number;
  readonly attention: {
    readonly shape: readonly number[];
    readonly query: readonly number[];
    readonly key: readonly number[];
    readonly entropy: readonly number[];
    readonly largestLogit: number;
  };
  readonly cases: readonly FixtureCase[];
}

const path = new URL("fixtures/statistics.json", import.meta.url);
export const fixture = JSON.parse(readFileSync(path, "utf8")) as Fixture;

/** Runs every case of the fixture in one graph. */
export async function recordsOn(engine: Engine): Promise<Map<string, StatisticsRecord>> {
  const feeds: Record<string, Float32Array> = {};
  const terms = fixture.cases.map(({ name, kind, shape, data, weight }) => {
    feeds[name] = Float32Array.from(data, Number);
    feeds[`${name} weight`] = Float32Array.from(weight);
    return sum(mul(tap(input(name, shape), name, { kind }), input(`${name} weight`, shape)));
  });
  const { shape, query, key } = fixture.attention;
  Object.assign(feeds, { query: Float32Array.from(query), key: Float32Array.from(key) });
  const q = input("query", shape);
  const { output, probabilities } = scaledDotProductAttention(q, input("key", shape), q, { causal: true });
  const attended = tap(output, "attention", { kind: "attention", value: probabilities });
  const loss = [...terms, sum(attended)].reduce((total, term) => add(total, term));

  const collection = collect(loss, fixture);
  const program = await compile(engine, graphOf(collection.outputs));
  const records = summarize(collection, await program.run(feeds));
  await program.dispose();
  return new Map(records.map((record) => [record.name, record]));
}

/** A mean is off by float32's rounding of each term, relative to their size; the worst measured is 2e-7 of it. */
const TOLERANCE = 2e-6;

/** Expects what numpy has: counts and extremes exactly, the rest to float32. */
export function expectStatistics(actual: TensorStatistics, expected: TensorStatistics): void {
  const { histogram, quantiles, mean, std, ...exact } = expected;
  expect(actual).toMatchObject(exact);
  expect(actual.histogram?.counts ?? null).toEqual(histogram?.counts ?? null);
  // Edges are computed as numpy does, in doubles; a multiply and an add may be fused there: a last digit.
  if (histogram !== null) expect(actual.histogram?.edges).toBeAllclose(histogram.edges, { rtol: 1e-14, atol: 1e-15 });
  const names = Object.keys(quantiles ?? {});
  expect(Object.keys(actual.quantiles ?? {})).toEqual(names);
  for (const name of names as (keyof NonNullable<typeof quantiles>)[]) {
    expect(actual.quantiles?.[name]).toBeCloseTo(quantiles?.[name] as number, 12);
  }
  const size = Math.max(Math.abs(expected.min ?? 0), Math.abs(expected.max ?? 0));
  expectClose(actual.mean, mean, TOLERANCE * size);
  expectClose(actual.std, std, TOLERANCE * (std ?? 0) + 1e-12);
}

/** Expects a number within `tolerance`, or null for null. */
export function expectClose(actual: number | null | undefined, expected: number | null, tolerance: number): void {
  if (expected === null) expect(actual).toBeNull();
  else expect(Math.abs((actual ?? NaN) - expected)).toBeLessThanOrEqual(tolerance);
}
