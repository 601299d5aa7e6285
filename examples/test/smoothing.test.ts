import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import type * as smoothing from "../02-smoothing/lesson.ts";

type Lesson = typeof smoothing;

/** The lectures' list, where somebody put it beside the checkout. */
const lectureNames = fileURLToPath(new URL("../../../shared/data/names.txt", import.meta.url));

describe("lesson 2: smoothing", async () => {
  const lesson: Lesson = await import("../02-smoothing/lesson.ts");

  it("finds other names impossible without smoothing, and says why", () => {
    const { averageNll, impossibleAt, impossibleGrams } = lesson.infinite;
    expect(averageNll).toBe(Infinity);
    expect(impossibleGrams.length).toBeGreaterThan(0);
    expect(impossibleGrams.reduce((sum, { count }) => sum + count, 0)).toBe(impossibleAt.length);
    expect(lesson.bigramLosses[0].validation).toBe(Infinity);
  });

  it("pays for smoothing on the names that were counted, up to ln 27", () => {
    for (const rows of [lesson.bigramLosses, lesson.trigramLosses]) {
      for (let i = 1; i < rows.length; i++) {
        expect(rows[i].all).toBeGreaterThan(rows[i - 1].all);
        expect(rows[i].train).toBeGreaterThan(rows[i - 1].train);
        expect(rows[i].train).toBeLessThan(Math.log(27));
      }
    }
  });

  it("is worse with longer grams from order 5 on where shorter ones are not asked, and not where they are", () => {
    const [, , trigrams, four, five, six] = lesson.orders;
    expect(five.addK).toBeGreaterThan(four.addK);
    expect(six.addK).toBeGreaterThan(five.addK);
    expect(five.modified).toBeLessThan(four.modified);
    for (const row of [trigrams, four, five, six]) expect(row.modified).toBeLessThan(row.addK);
  });
});

describe.skipIf(!existsSync(lectureNames))("lesson 2 with the lectures' names", () => {
  const argv = process.argv;
  afterEach(() => {
    process.argv = argv;
  });

  it("has the lectures' figures", async () => {
    process.argv = [...argv, "--data", lectureNames];
    vi.resetModules();
    const { bigramLosses, trigramLosses }: Lesson = await import("../02-smoothing/lesson.ts");
    // To as many digits as were published.
    const published = [2.4540145, 2.4545768, 2.45768, 2.46212, 2.53749, 2.85228];
    for (const [i, loss] of published.entries()) {
      expect(Math.abs(bigramLosses[i].all - loss)).toBeLessThan(i < 2 ? 1e-7 : 5e-6);
    }
    for (const [i, loss] of [2.18574, 2.18954, 2.21258].entries()) {
      expect(Math.abs(trigramLosses[i].all - loss)).toBeLessThan(5e-6);
    }
  });
});
