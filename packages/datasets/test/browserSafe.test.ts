import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("only the files of the node entry point import Node's modules", () => {
  const source = new URL("../src/", import.meta.url);
  const files = readdirSync(source).filter((name) => name.endsWith(".ts"));
  expect(files).toContain("index.ts");
  const importing = files.filter((name) =>
    /from "(node:|\.\/node\/)/.test(readFileSync(new URL(name, source), "utf8")),
  );
  expect(importing).toEqual([]);
});
