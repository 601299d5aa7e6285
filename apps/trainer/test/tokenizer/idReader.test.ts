import { describe, expect, it } from "vitest";
import { IdReader } from "../../src/tokenizer/idReader.ts";
import { UsageError } from "@llm-learning/trainer";

describe("ids out of text that comes in parts", () => {
  it("are the same wherever the parts end", () => {
    const text = "[12, 345,\n6]\t7 89";
    for (let cut = 0; cut <= text.length; cut++) {
      const reader = new IdReader(1000);
      const ids = [...reader.push(text.slice(0, cut)), ...reader.push(text.slice(cut)), ...reader.end()];
      expect(ids).toEqual([12, 345, 6, 7, 89]);
    }
  });

  it("are refused by their place, without waiting for the end of what cannot be one", () => {
    const reader = new IdReader(10);
    expect(reader.push("1 2 ")).toEqual([1, 2]);
    expect(() => reader.push("10 ")).toThrow(new UsageError('expected ids from 0 to 9, got "10" as number 3'));
    expect(() => new IdReader(10).push("0".repeat(100))).toThrow(
      'expected ids from 0 to 9, got "0000000000000000…" as number 1',
    );
    expect(() => new IdReader(10).push("-1 ")).toThrow(UsageError);
    expect(() => new IdReader(10).push("0x1 ")).toThrow(UsageError);
  });
});
