import { type Plugin, transformWithOxc } from "vite";

/**
 * Runs the `ts` code blocks of Markdown files as tests: the blocks of one file share a scope, top to bottom, as a
 * reader would paste them, and a line `expression; // => value` becomes an assertion.
 */
export function readmeTests(): Plugin {
  return {
    name: "readme-tests",
    enforce: "pre",
    async transform(markdown, id) {
      if (!id.endsWith(".md")) return undefined;
      const blocks = [...markdown.matchAll(/^```ts\n([^]*?)^```/gm)].map((match) => match[1]).join("\n");
      const imports = blocks.match(/^import [^;]+;$/gm) ?? [];
      const body = blocks
        .replace(/^import [^;]+;$/gm, "")
        .replace(
          /^(\s*)(?!\/\/)(.+?);?\s*\/\/ => (.+)$/gm,
          (_, indent, expression, expected) => `${indent}expect(${expression}).toEqual(${expected});`,
        );
      const module = `import { expect, test } from "vitest";\n${imports.join("\n")}\ntest("code blocks", async () => {${body}});`;
      return (await transformWithOxc(module, `${id}.ts`)).code;
    },
  };
}
