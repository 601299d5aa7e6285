import { describe, expect, test } from "vitest";
import { element, escapeText, formatCoordinate, join } from "../../../src/plots/drawing/svg.ts";

describe("element", () => {
  test("writes attributes in their order and escapes text", () => {
    const child = element("title", {}, "a < b & c");
    const svg = element("g", { x: 1 / 3, class: '"><script>', id: undefined }, child, undefined);
    expect(svg.svg).toBe('<g x="0.33" class="&#34;&#62;&#60;script&#62;"><title>a &#60; b &#38; c</title></g>');
    expect(join([element("path", { d: "M0 0" }), undefined]).svg).toBe('<path d="M0 0"/>');
  });

  test("refuses numbers that are none", () => {
    expect(() => element("g", { x: NaN })).toThrow("formatCoordinate: expected a finite number, got NaN");
    expect(() => formatCoordinate(-Infinity)).toThrow(RangeError);
  });
});

test("coordinates have two decimals at most and no negative zero", () => {
  expect([0.005, -0.001, 12.345, -7, 1e-9].map(formatCoordinate)).toEqual(["0.01", "0", "12.35", "-7", "0"]);
});

test("text keeps what XML allows and nothing that turns writing around", () => {
  expect(escapeText("tab\t한 😀 \u0000 \u000B \uFFFF \uD800 \u202E")).toBe(
    "tab\t한 😀 \uFFFD \uFFFD \uFFFD \uFFFD \uFFFD",
  );
});
