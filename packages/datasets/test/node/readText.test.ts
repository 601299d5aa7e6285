import { readText } from "@llm-learning/datasets/node";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporaryFolder.ts";

describe("a file", () => {
  test("is read as it is, whatever its name, line ends and alphabet", async () => {
    const path = join(await temporaryFolder(), "notes");
    const text = "a\r\nb\tc 한국어 😀\u0301\n\n\n";
    await writeFile(path, text);
    expect(await readText(path)).toBe(text);
  });

  test("loses its byte order mark", async () => {
    const path = join(await temporaryFolder(), "a.txt");
    await writeFile(path, "\ufeffa\ufeff");
    expect(await readText(path)).toBe("a\ufeff");
  });
});

describe("a folder", () => {
  test("is its .txt and .md files by path, one blank line apart, subfolders included", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "b"));
    await mkdir(join(folder, ".git"));
    await writeFile(join(folder, "c.TXT"), "third\n\n\n");
    await writeFile(join(folder, "a.md"), "\ufefffirst\r\n\r\n");
    await writeFile(join(folder, "b", "x.txt"), "second");
    await writeFile(join(folder, "z.txt"), "");
    await writeFile(join(folder, "image.png"), new Uint8Array([0]));
    await writeFile(join(folder, ".hidden.txt"), "no");
    await writeFile(join(folder, ".git", "a.txt"), "no");
    await symlink(join(folder, "a.md"), join(folder, "d.txt"));
    await symlink(folder, join(folder, "loop"));
    expect(await readText(folder)).toBe("first\n\nsecond\n\nthird\n\nfirst\r\n\r\n");
  });
});

describe("refused in one line", () => {
  /** The error of reading `name` in a folder, with the folder's own path taken out. */
  async function refusal(folder: string, name: string, maxBytes?: number): Promise<string> {
    const path = join(folder, name);
    const error = await readText(path, maxBytes === undefined ? {} : { maxBytes }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    return (error as Error).message.replace(JSON.stringify(path).slice(1, -1), name);
  }

  test("what does not exist", async () => {
    expect(await refusal(await temporaryFolder(), "missing.txt")).toBe(
      'readText: expected a text file or a folder, got "missing.txt", which does not exist',
    );
  });

  test("what cannot be read, with the system's code and error", async () => {
    const folder = await temporaryFolder();
    await symlink(join(folder, "self"), join(folder, "self"));
    expect(await refusal(folder, "self")).toBe(
      'readText: expected a text file or a folder, got "self", which cannot be read (ELOOP)',
    );
    const cause = { cause: expect.objectContaining({ code: "ELOOP" }) };
    await expect(readText(join(folder, "self"))).rejects.toMatchObject(cause);
  });

  test("what is neither file nor folder", async () => {
    await expect(readText("/dev/null")).rejects.toThrow(
      new RangeError('readText: expected a text file or a folder, got "/dev/null", which is neither'),
    );
  });

  test("an empty file, and one of only a byte order mark", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.txt"), "");
    await writeFile(join(folder, "b.txt"), "\ufeff");
    expect(await refusal(folder, "a.txt")).toBe('readText: expected a text, got "a.txt", which is empty');
    expect(await refusal(folder, "b.txt")).toBe('readText: expected a text, got "b.txt", which is empty');
  });

  test("a folder without texts, and one of empty texts", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "sub"));
    await writeFile(join(folder, "sub", "image.png"), "x");
    expect(await refusal(folder, "sub")).toBe(
      'readText: expected a folder with .txt or .md files, got "sub", which has none',
    );
    await writeFile(join(folder, "sub", "a.txt"), "");
    expect(await refusal(folder, "sub")).toBe(
      'readText: expected a text, got "sub", whose 1 .txt or .md files are all empty',
    );
  });

  const binary: [string, number[], string][] = [
    ["a zero byte", [0x61, 0x62, 0x00], "a zero byte at offset 2: is it a binary file?"],
    ["UTF-16, little-endian", [0xff, 0xfe, 0x61, 0x00], "UTF-16 (its byte order mark at offset 0): save it as UTF-8"],
    ["UTF-16, big-endian", [0xfe, 0xff, 0x00, 0x61], "UTF-16 (its byte order mark at offset 0): save it as UTF-8"],
    ["Latin-1", [0x63, 0x61, 0x66, 0xe9], "byte 0xe9 at offset 3, which is not UTF-8: save it as UTF-8"],
    ["a lone continuation", [0x61, 0x80], "byte 0x80 at offset 1, which is not UTF-8: save it as UTF-8"],
    ["an overlong form", [0xe0, 0x9f, 0xbf], "byte 0xe0 at offset 0, which is not UTF-8: save it as UTF-8"],
    ["a surrogate", [0x61, 0xed, 0xa0, 0x80], "byte 0xed at offset 1, which is not UTF-8: save it as UTF-8"],
    ["above U+10FFFF", [0xf4, 0x90, 0x80, 0x80], "byte 0xf4 at offset 0, which is not UTF-8: save it as UTF-8"],
    ["a cut character", [0xc3, 0xa9, 0xf0, 0x9f, 0x98], "byte 0xf0 at offset 2, which is not UTF-8: save it as UTF-8"],
  ];
  test.each(binary)("%s, with its offset", async (_, bytes, reason) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.txt"), new Uint8Array(bytes));
    expect(await refusal(folder, "a.txt")).toBe(`readText: expected a text in UTF-8, got "a.txt", with ${reason}`);
  });

  test("a binary file within a folder, by its own name", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.txt"), new Uint8Array([0]));
    const path = JSON.stringify(join(folder, "a.txt"));
    await expect(readText(folder)).rejects.toThrow(
      new RangeError(
        `readText: expected a text in UTF-8, got ${path}, with a zero byte at offset 0: is it a binary file?`,
      ),
    );
  });

  test("a file or folder too large for a string, before a byte of it is read", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.txt"), "");
    await truncate(join(folder, "a.txt"), 536_870_889); // a hole: it takes no space on disk
    const advice = "cut it into smaller files, and train from token shards of them";
    expect(await refusal(folder, "a.txt")).toBe(
      `readText: expected at most 536870888 bytes of text, got "a.txt", with 536870889: ${advice}`,
    );
    await truncate(join(folder, "a.txt"), 6);
    await writeFile(join(folder, "b.txt"), "12345");
    expect(await refusal(folder, ".", 10)).toMatch(/^readText: expected at most 10 bytes of text, got .+, with 11: /);
  });
});

test("the offset named is where Node's own decoder first puts a replacement character", async () => {
  // The offset is checked on random bytes: what stands before it decodes, and what ends with it does not.
  const { invalidUtf8Offset } = await import("../../src/node/decodeText.ts");
  const decoder = () => new TextDecoder("utf-8", { fatal: true });
  let state = 1;
  for (let i = 0; i < 3000; i++) {
    const bytes = Uint8Array.from({ length: 12 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // Bytes of multi-byte forms, or hardly a sequence would be whole.
      return [0x61, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xc1][(state >>> 20) % 12]!;
    });
    const offset = invalidUtf8Offset(bytes);
    decoder().decode(bytes.subarray(0, offset));
    expect(new TextDecoder("utf-8").decode(bytes).indexOf("\ufffd")).toBe(
      offset === bytes.length ? -1 : new TextDecoder("utf-8").decode(bytes.subarray(0, offset)).length,
    );
  }
});
