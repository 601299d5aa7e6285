import { describe, expect, it } from "vitest";
import { excerpt } from "../../src/terminal/excerpt.ts";

describe("excerpt", () => {
  it("is one line, cut where it is too long", () => {
    expect(excerpt("\nKING:\n  So be it.\n", 40)).toBe("KING: So be it.");
    expect(excerpt("0123456789", 10)).toBe("0123456789");
    expect(excerpt("0123456789a", 10)).toBe("012345678…");
    expect(excerpt("", 10)).toBe("");
  });

  it("counts columns, not characters", () => {
    expect(excerpt("안녕하세요", 10)).toBe("안녕하세요");
    expect(excerpt("안녕하세요", 9)).toBe("안녕하세…");
    expect(excerpt("a".repeat(1_000_000), 5)).toBe("aaaa…");
  });

  it("moves no cursor and changes no colour", () => {
    expect(excerpt("a\u001b[31mb\u0007", 40)).toBe("a\\u{1b}[31mb\\u{7}");
  });
});
