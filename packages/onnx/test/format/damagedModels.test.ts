import { expect, test } from "vitest";
import { damage, models } from "./damagedModels.ts";

test.each(models)("100 damaged copies of %s are read, rewritten and written, or refused in a line", (_, bytes) => {
  const { read, odd } = damage(bytes, 100);
  expect(odd).toEqual([]);
  // Damage that no file survives would test only the first check, and damage that all survive none.
  expect(read).toBeGreaterThan(20);
  expect(read).toBeLessThan(80);
});
