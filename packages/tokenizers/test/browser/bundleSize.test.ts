import { describe, expect, test } from "vitest";
import { bundle } from "./bundle.ts";

const KB = 1000;

describe("what an import costs in a browser bundle, brotli, code included", () => {
  test.each([
    ["cl100k_base", 400 * KB],
    ["o200k_base", 800 * KB],
    ["gpt2", 400 * KB],
  ])("%s: at most %i bytes, and no other vocabulary comes along", async (name, limit) => {
    const { brotliBytes, lazyChunks } = await bundle(
      `import { ${name} } from "@llm-learning/tokenizers/tiktoken/${name}"; globalThis.ids = ${name}.encode("hello");`,
    );
    expect(brotliBytes).toBeGreaterThan(100 * KB);
    expect(brotliBytes).toBeLessThanOrEqual(limit);
    expect(lazyChunks).toEqual([]);
  });

  test("the core without vocabularies: at most 25 KB", async () => {
    const { brotliBytes } = await bundle(
      `import { Encoding } from "@llm-learning/tokenizers/tiktoken"; globalThis.Encoding = Encoding;`,
    );
    expect(brotliBytes).toBeGreaterThan(1 * KB);
    expect(brotliBytes).toBeLessThanOrEqual(25 * KB);
  });
});
