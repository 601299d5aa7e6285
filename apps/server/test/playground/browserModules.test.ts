import { expect, test } from "vitest";
import { duration, percent, spoken, visible } from "../../src/playground/browser/format.ts";
import { Pace } from "../../src/playground/browser/pace.ts";
import { stopStrings } from "../../src/playground/browser/stopStrings.ts";

test("probabilities and times are written with as many digits as they deserve", () => {
  expect([1, 0.9999, 0.43, 0.0213, 0.00031, 0.00001, 0].map(percent)).toEqual([
    "100 %",
    "> 99.9 %",
    "43 %",
    "2.1 %",
    "0.03 %",
    "< 0.01 %",
    "0.00 %",
  ]);
  expect([84.4, 1300].map(duration)).toEqual(["84 ms", "1.3 s"]);
});

test("spaces at the ends of tokens, line ends and parts of characters can be seen and heard", () => {
  expect([" the", "a b ", "\n", ""].map(visible)).toEqual(["␣the", "a b␣", "⏎", "∅"]);
  expect([" ", "    ", "\n", "", ".\n"].map(spoken)).toEqual([
    "space",
    "4 spaces",
    "line end",
    "part of a character",
    ". line end ",
  ]);
});

test("the pace is that behind the first token", () => {
  const pace = new Pace(1000);
  expect([pace.firstToken, pace.tokensPerSecond]).toEqual([undefined, undefined]);
  pace.token(1250);
  expect([pace.firstToken, pace.tokensPerSecond]).toEqual([250, undefined]);
  for (const now of [1300, 1350, 1450]) pace.token(now);
  // Three tokens in 200 ms.
  expect([pace.tokens, pace.firstToken, pace.tokensPerSecond]).toEqual([4, 250, 15]);
});

test("stop strings are a line each, which spells line ends", () => {
  expect(
    stopStrings(String.raw`

\n\n
END
a\tb\\n`),
  ).toEqual(["\n\n", "END", "a\tb\\n"]);
});
