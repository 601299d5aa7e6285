import { describe, expect, it } from "vitest";
import { best, firstLetters, losses } from "../03-neural-bigram/lesson.ts";

describe("lesson 3: the neural bigram", () => {
  it("comes close to the counted table, and never below it", () => {
    // A random table of N(0, 1) scores starts about half a nat above ln 27.
    expect(losses[0]).toBeGreaterThan(3.4);
    expect(losses.at(-1)).toBeLessThan(best + 0.05);
    for (const loss of losses) expect(loss).toBeGreaterThan(best);
  });

  it("learns how names begin", () => {
    const [mostCommon] = firstLetters.toSorted((a, b) => b.counted - a.counted);
    expect(mostCommon.letter).toBe("a");
    expect(Math.abs(mostCommon.learned - mostCommon.counted)).toBeLessThan(0.01);
  });
});
