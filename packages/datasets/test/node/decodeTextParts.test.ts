import { decodeText, decodeTextParts, findTextFiles } from "@llm-learning/datasets/node";
import * as fc from "fast-check";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

/** The text, or the message, of bytes in parts of the given lengths. */
async function inParts(bytes: Uint8Array, lengths: readonly number[]): Promise<string> {
  async function* parts() {
    let start = 0;
    for (const length of lengths) {
      yield bytes.subarray(start, start + length);
      start += length;
    }
    yield bytes.subarray(start);
  }
  try {
    let text = "";
    for await (const part of decodeTextParts(parts())) text += part;
    return text;
  } catch (error) {
    return (error as Error).message;
  }
}

function atOnce(bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch (error) {
    return (error as Error).message;
  }
}

describe("decodeTextParts", () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 });

  test("gives the text of the whole, wherever the parts end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), lengths, async (text, cuts) => {
        const bytes = new TextEncoder().encode(text);
        expect(await inParts(bytes, cuts)).toBe(atOnce(bytes));
      }),
    );
  });

  test("says of what is no text what it says of the whole, with the same offsets", async () => {
    const byte = fc.constantFrom(
      0x61,
      0xc3,
      0xa9,
      0xec,
      0x95,
      0x88,
      0xf0,
      0x9f,
      0x98,
      0x80,
      0xff,
      0xed,
      0xa0,
      0xef,
      0xbb,
      0xbf,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ min: 1, maxLength: 12 }),
        fc.array(byte, { maxLength: 12 }),
        lengths,
        async (a, b, cuts) => {
          for (const bytes of [a, Uint8Array.from(b)]) expect(await inParts(bytes, cuts)).toBe(atOnce(bytes));
        },
      ),
    );
  });

  test("leaves out a byte order mark at the beginning and nowhere else", async () => {
    const bytes = new TextEncoder().encode("\ufeffa\ufeff");
    for (let cut = 0; cut <= bytes.length; cut++) expect(await inParts(bytes, [cut])).toBe("a\ufeff");
    expect(await inParts(Uint8Array.of(0xff, 0xfe, 0x61, 0), [1])).toMatch(/^UTF-16/);
  });
});

describe("findTextFiles", () => {
  test("finds a file, or the .txt and .md files of a folder by path, with their sizes", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "b"));
    await writeFile(join(folder, "c.txt"), "abc");
    await writeFile(join(folder, "b", "x.md"), "");
    await writeFile(join(folder, "d.csv"), "abc");
    expect(await findTextFiles(folder)).toEqual([
      { path: join(folder, "b", "x.md"), size: 0 },
      { path: join(folder, "c.txt"), size: 3 },
    ]);
    expect(await findTextFiles(join(folder, "d.csv"))).toEqual([{ path: join(folder, "d.csv"), size: 3 }]);
    await expect(findTextFiles(join(folder, "none"))).rejects.toThrow("which does not exist");
  });
});
