import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { drawPieces } from "../../src/terminal/pieceDrawing.ts";
import { visibleBytes, visibleText } from "../../src/tokenizer/visibleText.ts";

const pieces = (...texts: string[]) => texts.map((text, id) => ({ text, id, endsLine: text.endsWith("↵") }));

describe("drawn pieces", () => {
  it("fill the columns and no more, wide characters counted twice", () => {
    const drawn = pieces(..."안녕하세요 世界 a👍b".split(""), " the", "quick", "brown", "fox");
    for (const columns of [20, 33, 80]) {
      for (const hasColors of [true, false]) {
        const lines = drawPieces(drawn, { columns, hasColors }).split("\n");
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeGreaterThan(columns === 80 ? 40 : columns - 8);
      }
    }
  });

  it("end a row where the text ends a line", () => {
    expect(drawPieces(pieces("a", "b↵", "c"), { columns: 80, hasColors: false })).toBe("|a|b↵|\n|0|1 |\n|c|\n|2|\n");
  });

  it("go over several rows where they are wider than the terminal, with their id once", () => {
    const drawn = drawPieces(pieces("x".repeat(25)), { columns: 12, hasColors: false });
    expect(drawn).toBe(`|${"x".repeat(10)}|\n|0         |\n|${"x".repeat(10)}|\n|          |\n|xxxxx|\n|     |\n`);
  });

  it("differ in colour from the pieces beside them, and only the piece is coloured", () => {
    const drawn = drawPieces(pieces("a", "b", "c", "d", "e"), { columns: 80, hasColors: true });
    const [texts, ids] = drawn.split("\n");
    const colors = [...texts.matchAll(/\[(10\d)m/g)].map(([, color]) => color);
    expect(colors).toEqual(["106", "103", "102", "105", "106"]);
    expect(stripVTControlCharacters(texts)).toBe("a b c d e");
    expect(stripVTControlCharacters(ids)).toBe("0 1 2 3 4");
    expect(drawPieces([{ text: "a", id: 1234, endsLine: false }], { columns: 80, hasColors: true })).toBe(
      "\u001b[106m\u001b[30ma\u001b[39m\u001b[49m\n\u001b[2m1234\u001b[22m\n",
    );
  });
});

describe("text that is to be seen", () => {
  it("shows what a terminal would obey or hide", () => {
    expect(visibleText("a\tb\r\n")).toBe("a→b␍↵");
    expect(visibleText("\u001b[31m\u202e\u200b\u00a0\u3000 ")).toBe("\\u{1b}[31m\\u{202e}\\u{200b}\\u{a0}\\u{3000} ");
  });

  it("shows bytes that are no characters as bytes", () => {
    expect(visibleBytes(Buffer.from("안녕"))).toBe("안녕");
    expect(visibleBytes(Buffer.from("안녕").subarray(1))).toBe("\\x95\\x88녕");
    expect(visibleBytes(Buffer.from("é안").subarray(0, 4))).toBe("é\\xec\\x95");
    expect(visibleBytes(Uint8Array.of(0xff, 0x41, 0xc0, 0x80))).toBe("\\xffA\\xc0\\x80");
    expect(visibleBytes(Buffer.from("\ufeffa\ufffd"))).toBe("\\u{feff}a\ufffd");
  });
});
