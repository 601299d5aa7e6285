/**
 * Text from tokens, over the tokenizer of bytes: every character above ASCII is several tokens.
 */

import { TextStream, type TokenDecoder } from "@llm-learning/onnx";
import { describe, expect, it } from "vitest";

declare const TextDecoder: new () => { decode(bytes?: Uint8Array, options?: { stream?: boolean }): string };

function byteDecoder(): TokenDecoder {
  const decoder = new TextDecoder();
  return {
    push: (id) => decoder.decode(Uint8Array.of(id), { stream: true }),
    end: () => decoder.decode(),
  };
}

const bytes = (text: string): number[] => [...Buffer.from(text)];

describe("a stream of text", () => {
  it("gives whole characters as soon as they are certain", () => {
    const text = new TextStream(byteDecoder());
    expect(bytes("é한😀").map((id) => text.push(id))).toEqual(["", "é", "", "", "한", "", "", "", "😀"]);
    expect(text.end()).toBe("");
    expect(text.stop).toBeUndefined();
  });

  it("ends before a stop string that spans tokens", () => {
    const text = new TextStream(byteDecoder(), { stop: ["한!", "zz"] });
    const given = bytes("é한 한!é").map((id) => text.push(id));
    expect(given.join("") + text.end()).toBe("é한 ");
    expect(text.stop).toBe("한!");
  });

  it("gives at the end what was held back, and a mark for an unfinished character", () => {
    const text = new TextStream(byteDecoder(), { stop: ["abc"] });
    expect([...bytes("xab"), 0xe1].map((id) => text.push(id))).toEqual(["x", "", "", ""]);
    expect(text.end()).toBe("ab\ufffd");
  });

  it("may find its stop string at the end", () => {
    const text = new TextStream(byteDecoder(), { stop: ["\ufffd"] });
    expect([0x61, 0xe1].map((id) => text.push(id))).toEqual(["a", ""]);
    expect(text.end()).toBe("");
    expect(text.stop).toBe("\ufffd");
  });

  it("refuses an empty stop string", () => {
    expect(() => new TextStream(byteDecoder(), { stop: [""] })).toThrow("expected a stop string with a character");
  });
});
