import { expectedInitialLoss } from "@llm-learning/init";
import { expect, test } from "vitest";

test("the first loss is the logarithm of the number of classes, in nats", () => {
  // 27 letters of the names, 65 characters of Shakespeare, 50257 tokens of GPT-2: the figures the lectures give.
  expect(expectedInitialLoss(27)).toBeCloseTo(3.2958, 4);
  expect(expectedInitialLoss(65)).toBeCloseTo(4.1744, 4);
  expect(expectedInitialLoss(50257)).toBeCloseTo(10.8249, 4);
  expect(expectedInitialLoss(1)).toBe(0);
});

test("a vocabulary of no tokens has no loss", () => {
  expect(() => expectedInitialLoss(0)).toThrow(
    new RangeError("expectedInitialLoss: expected vocabSize to be an integer >= 1, got 0"),
  );
  expect(() => expectedInitialLoss(2.5)).toThrow(RangeError);
});
