import { expect, test } from "vitest";
import { runDamagedPatterns } from "./damagedPatterns.ts";

test("10,000 damaged patterns work, or are refused with a message, in bounded time", () => {
  const { worked, complaints } = runDamagedPatterns(10_000, 5);
  expect(complaints).toEqual([]);
  expect(worked).toBeGreaterThan(2000);
});
