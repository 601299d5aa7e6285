import { expect, test } from "vitest";
import { damage, models } from "./damagedModels.ts";

test("10,000 damaged models are read, rewritten and written, or refused in a line, and take no memory of note", () => {
  const before = process.resourceUsage().maxRSS;
  for (const [name, bytes] of models) {
    const { read, odd } = damage(bytes, 10_000 / models.length);
    expect(odd, name).toEqual([]);
    expect(read, name).toBeGreaterThan(500);
  }
  // Kilobytes. The files have less than 10 kB; what the collector leaves lying is some tens of megabytes.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(300_000);
});
