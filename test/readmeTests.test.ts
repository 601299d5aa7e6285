// The plugin that runs README code blocks is itself only trusted because it fails where it should.
import { describe, expect, test } from "vitest";
import { hasCode, testModule } from "../scripts/readmeTests.ts";

const markdown = (...lines: string[]) => ["# Title", "", "```ts", ...lines, "```", "", "Text."].join("\n");

describe("testModule", () => {
  test("turns `expression; // => value` into an assertion", () => {
    expect(testModule(markdown("add(1, 2); // => 3"), "README.md")).toContain("expect(add(1, 2)).toEqual(3);");
  });

  test("checks the value of a const and keeps its declaration", () => {
    const module = testModule(markdown("const total = add(1, 2); // => 3"), "README.md");
    expect(module).toContain("const total = add(1, 2); expect(total).toEqual(3);");
  });

  test("finds the statement that ends on the comment's line, however many lines it has", () => {
    const module = testModule(markdown("await f(", "  1,", "); // => { a: 1 }"), "README.md");
    expect(module).toContain("expect(await f(\n  1,\n)).toEqual({ a: 1 });");
  });

  test("compares a number that trails off to the digits that are written", () => {
    const module = testModule(markdown("losses; // => [2.079…, -0.5...]"), "README.md");
    expect(module).toContain(".toEqual([expect.closeTo(2.079, 3), expect.closeTo(-0.5, 1)]);");
  });

  test("asserts inside loops and functions too", () => {
    const module = testModule(markdown("for (const x of [1]) {", "  x; // => 1", "}"), "README.md");
    expect(module).toContain("  expect(x).toEqual(1);\n}");
  });

  test("keeps every line of code at its line of the Markdown file", () => {
    const text = `${markdown("import {", "  a,", '} from "x";', "a(); // => 1")}\n${markdown("a();")}`;
    const lines = text.split("\n");
    const generated = testModule(text, "README.md").split("\n");
    expect(generated[lines.indexOf("a(); // => 1")]).toBe("expect(a()).toEqual(1);");
    expect(generated[lines.lastIndexOf("a();")]).toBe("a();");
  });

  test("imports values where they stand, drops types, and lets a later block repeat an import", () => {
    const first = markdown('import { type T, a as b } from "x";', 'import * as all from "y";', 'import "z";');
    const module = testModule(`${first}\n${markdown('import { a as b, c } from "x";')}`, "README.md");
    expect(module).toContain('const { a: b } = await import("x");');
    expect(module).toContain('const all = await import("y");');
    expect(module).toContain('await import("z");');
    expect(module).toContain('const { c: c } = await import("x");');
    expect(module).not.toMatch(/\bT\b/);
  });

  test("leaves comments without a value and blocks of other languages alone", () => {
    const module = testModule("```sh\nnpm test\n```\n\n```ts\nf(); // plain\n```\n", "README.md");
    expect(module).toContain("f(); // plain");
    expect(module).not.toContain("npm test");
    expect(module).not.toContain("toEqual");
  });

  test("reads files with Windows line ends", () => {
    const module = testModule(markdown("f(); // => 1").replaceAll("\n", "\r\n"), "README.md");
    expect(module).toContain("expect(f()).toEqual(1);");
  });

  test("reports a syntax error at its line of the Markdown file", () => {
    expect(() => testModule(markdown("const ok = 1;", "const = 2;"), "README.md")).toThrow(
      /^README\.md:5: .*\n {2}const = 2;/,
    );
  });

  test("reports a value that is not an expression", () => {
    expect(() => testModule(markdown("f(); // => three tokens"), "README.md")).toThrow(
      'README.md:4: expected an expression after "// =>", got three tokens',
    );
  });

  test("reports a value with nothing before it", () => {
    expect(() => testModule(markdown("// => 3"), "README.md")).toThrow(
      'README.md:4: expected an expression or a const before "// =>"',
    );
  });
});

test("hasCode knows a README that has something to run from one that has not", () => {
  expect(hasCode(markdown("f();"))).toBe(true);
  expect(hasCode("```sh\nnpm test\n```\n")).toBe(false);
  expect(hasCode("```typescript\nf();\n```\n")).toBe(false);
});
