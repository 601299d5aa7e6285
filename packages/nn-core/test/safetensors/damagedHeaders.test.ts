import { decodeSafetensors, encodeSafetensors, float32Values } from "@llm-learning/nn-core";
import { mutatedSafetensors } from "@llm-learning/testing/mutatedSafetensors";
import { randomFrom } from "@llm-learning/testing/mutations";
import { expect, test } from "vitest";
import { fixture } from "./fixtures.ts";

test.each(["every-dtype", "odd-names", "narrow"])(
  "600 files with the header of %s damaged are read whole or refused in a line",
  (name) => {
    const original = fixture(name);
    const random = randomFrom(1);
    const odd: string[] = [];
    let read = 0;
    for (let i = 0; i < 600; i++) {
      const file = mutatedSafetensors(original, random);
      try {
        const { tensors, metadata } = decodeSafetensors(file);
        read++;
        for (const [, entry] of tensors) {
          expect(entry.data.buffer).toBe(file.buffer);
          if (["F32", "F16", "BF16", "F64"].includes(entry.dtype)) float32Values(entry);
        }
        expect(decodeSafetensors(encodeSafetensors(tensors, metadata)).tensors).toEqual(tensors);
      } catch (error) {
        const message = String(error);
        if (!/^RangeError: decodeSafetensors: expected [^\n\r]+, got [^\n\r]+$/.test(message) || message.length > 700)
          odd.push(message);
      }
    }
    expect(odd).toEqual([]);
    expect(read).toBeGreaterThan(10);
  },
);
