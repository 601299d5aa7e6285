import { expect, test } from "vitest";
import { Backpressure } from "../../src/scheduler/backpressure.ts";

test("two reports may be under way; with the second of them there is no room until one is acknowledged", async () => {
  const backpressure = new Backpressure();
  backpressure.sent();
  await backpressure.room();
  backpressure.sent();
  const waiting = backpressure.room();
  const first = await Promise.race([
    waiting.then(() => "room"),
    new Promise((resolve) => void setImmediate(resolve, "a turn")),
  ]);
  expect(first).toBe("a turn");
  backpressure.acknowledged();
  await waiting;
  backpressure.sent();
  backpressure.acknowledged();
  backpressure.acknowledged();
  await backpressure.room();
});
