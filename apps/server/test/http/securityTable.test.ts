import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../../../docs/serving-security.md", import.meta.url), "utf8");

test("every test that the table of failures names exists", () => {
  const rows = page.split("\n").filter((line) => /^\| [A-Z`]/.test(line));
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    const [cell = ""] = row.split(" | ").slice(-1);
    const named = [...cell.matchAll(/`([\w/]+)`: ([^`|]*)/g)];
    expect([row, named.length]).not.toEqual([row, 0]);
    for (const [, file, names] of named) {
      const folder = file.startsWith("packages/") ? "../../../../" : "../";
      const source = readFileSync(new URL(`${folder}${file}.test.ts`, import.meta.url), "utf8");
      for (const name of names.split(";").map((one) => one.trim())) {
        expect([file, name, name === "" || source.includes(name)]).toEqual([file, name, true]);
      }
    }
  }
});
