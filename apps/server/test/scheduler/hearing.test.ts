import { expect, test } from "vitest";
import { Hearing } from "../../src/scheduler/hearing.ts";

test("two news may be under way; with the second of them, whoever tells waits until one is heard", async () => {
  const hearing = new Hearing();
  hearing.told();
  await hearing.ready();
  hearing.told();
  let isReady = false;
  const waiting = hearing.ready().then(() => {
    isReady = true;
  });
  await new Promise((resolve) => void setImmediate(resolve));
  expect(isReady).toBe(false);
  hearing.heard();
  await waiting;
  hearing.told();
  hearing.heard();
  hearing.heard();
  await hearing.ready();
});
