import { expect, test } from "vitest";
import { Hearing } from "../../src/scheduler/hearing.ts";

test("two news may be under way; with the second of them, whoever tells waits until one is heard", async () => {
  const hearing = new Hearing();
  hearing.told();
  await hearing.ready();
  hearing.told();
  const waiting = hearing.ready();
  const first = await Promise.race([
    waiting.then(() => "ready"),
    new Promise((resolve) => void setImmediate(resolve, "a turn")),
  ]);
  expect(first).toBe("a turn");
  hearing.heard();
  await waiting;
  hearing.told();
  hearing.heard();
  hearing.heard();
  await hearing.ready();
});
