import { splitTokens } from "@llm-learning/datasets";
import { type BundledBook, bundledBook, bundledBooks, readText } from "@llm-learning/datasets/node";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

describe("Moby-Dick", async () => {
  const text = await bundledBook("moby-dick");

  test("has the same characters everywhere", () => {
    expect(bundledBooks).toEqual(["moby-dick"]);
    expect(text.length).toBe(1_212_979);
    expect(new Set(text).size).toBe(89);
    expect(createHash("sha256").update(text).digest("hex")).toBe(
      "3a19c43c7ade3e2bf8f6647b3db6381aa2de820f1b6bbe49e55bd2e65146393f",
    );
  });

  test("stands in reading order: etymology, extracts, chapters 1 to 135, epilogue", () => {
    const heads = [...text.matchAll(/^(?:ETYMOLOGY\.|EXTRACTS\.|CHAPTER \d+\.|Epilogue )/gm)].map(([head]) =>
      head.trim(),
    );
    const chapters = Array.from({ length: 135 }, (_, i) => `CHAPTER ${i + 1}.`);
    expect(heads).toEqual(["ETYMOLOGY.", "EXTRACTS.", ...chapters, "Epilogue"]);
    expect(text).toContain("CHAPTER 1. Loomings.\n\nCall me Ishmael. Some years ago—never mind how long precisely—");
    expect(text.endsWith("that in her retracing search after her missing children, only found another orphan.\n")).toBe(
      true,
    );
  });

  test("is tidy: no carriage returns, no spaces at line ends, no double blank lines", () => {
    expect(text).not.toMatch(/\r|[ \t]\n|\n\n\n|^\n|\n\n$/);
  });

  test("comes from the data package without running its code", () => {
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes("moby-dick"));
    expect(loaded).toEqual([]);
  });
});

test("another name is refused with the names there are", async () => {
  await expect(bundledBook("ulysses" as BundledBook)).rejects.toThrow(
    new RangeError('bundledBook: expected one of moby-dick, got "ulysses"'),
  );
});

const shakespeare = fileURLToPath(new URL("../../../../../shared/data/tinyshakespeare.txt", import.meta.url));

test.skipIf(!existsSync(shakespeare))(
  "tiny Shakespeare, where it lies beside the repository, has the lectures' counts",
  async () => {
    const text = await readText(shakespeare);
    expect([text.length, new Set(text).size]).toEqual([1_115_394, 65]);
    const { train, validation } = splitTokens(Uint16Array.from(text, (character) => character.charCodeAt(0)));
    expect([train.length, validation.length]).toEqual([1_003_854, 111_540]);
  },
);
