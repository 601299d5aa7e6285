// A vite plugin that runs the `ts` code blocks of Markdown files as tests. The blocks of one file share a scope, top
// to bottom, as a reader would paste them. A comment behind a statement states its value:
//
//   encode("hi"); // => [104, 105]
//   const total = add(1, 2); // => 3
//   loss; // => 2.0794…          (compared to the digits that are written)
//
// A failure is reported at its line of the Markdown file: every line of code keeps its place in the generated module.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ESTree, parseSync, type Plugin, transformWithOxc, Visitor } from "vite";

interface Edit {
  start: number;
  end: number;
  text: string;
}

type Valued = ESTree.ExpressionStatement | ESTree.VariableDeclaration;

/** The plugin; `root` is the repository's root, where `@llm-learning/*` is found even for a README outside a package. */
export function readmeTests(root: string): Plugin {
  return {
    name: "readme-tests",
    enforce: "pre",
    resolveId(source, importer) {
      const [, name, subpath] = /^@llm-learning\/([^/]+)(\/.+)?$/.exec(source) ?? [];
      if (name === undefined || !importer?.endsWith(".md")) return undefined;
      const folder = ["packages", "apps"].map((group) => join(root, group, name)).find((path) => existsSync(path));
      if (folder === undefined) return undefined;
      const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return join(folder, exports[`.${subpath ?? ""}`]["@llm-learning/source"]);
    },
    async transform(markdown, id) {
      if (!id.endsWith(".md")) return undefined;
      const { code, map = null } = await transformWithOxc(testModule(markdown, id), id, {
        lang: "ts",
        sourcemap: true,
      });
      return { code, map };
    },
  };
}

/** Whether a Markdown file holds code that this plugin would run. */
export function hasCode(markdown: string): boolean {
  return /^```ts\r?$/m.test(markdown);
}

/** Turns a Markdown text into a test module whose lines are those of the text. */
export function testModule(markdown: string, file: string): string {
  const code = keepCode(markdown);
  const { program, comments, errors } = parseSync(`${file}.ts`, code, { lang: "ts", sourceType: "module" });
  const fail = (offset: number, message: string): never => {
    throw new SyntaxError(`${file}:${code.slice(0, offset).split("\n").length}: ${message}\n  ${lineAt(code, offset)}`);
  };
  const [error] = errors;
  if (error !== undefined) fail(error.labels[0]?.start ?? 0, error.message);

  const statements: Valued[] = [];
  const collect = (statement: Valued) => void statements.push(statement);
  new Visitor({ ExpressionStatement: collect, VariableDeclaration: collect }).visit(program);

  const edits: Edit[] = [];
  const imported = new Set<string>();
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") edits.push(asDynamicImport(statement, code, imported));
    else if (statement.type.startsWith("Export")) fail(statement.start, "expected no export in a README");
  }
  for (const comment of comments) {
    const written = /^\s*=>\s*(.+?)\s*$/.exec(comment.value)?.[1];
    if (written === undefined) continue;
    const statement = statements.find(({ end }) => end === code.slice(0, comment.start).trimEnd().length);
    const subject = statement && subjectOf(statement, code);
    if (!statement || subject === undefined)
      return fail(comment.start, 'expected an expression or a const before "// =>"');
    const expected = written.replace(
      /(-?\d+\.(\d+))(?:…|\.\.\.)/g,
      (_, number: string, digits: string) => `expect.closeTo(${number}, ${digits.length})`,
    );
    if (parseSync("expected.ts", `(${expected})`, { lang: "ts" }).errors.length > 0) {
      fail(comment.start, `expected an expression after "// =>", got ${written}`);
    }
    const assertion = `expect(${subject}).toEqual(${expected});`;
    const start = statement.type === "VariableDeclaration" ? comment.start : statement.start;
    edits.push({ start, end: comment.end, text: assertion });
  }
  return `import { expect, test } from "vitest"; test("code blocks", async () => {${apply(code, edits)}\n});`;
}

/** Blanks every line that is not inside a `ts` block. */
function keepCode(markdown: string): string {
  let inside = false;
  const lines = markdown.split(/\r?\n/).map((line) => {
    const isFence = line.startsWith("```");
    const kept = inside && !isFence ? line : "";
    if (isFence) inside = !inside && line === "```ts";
    return kept;
  });
  return lines.join("\n");
}

/** `import { a as b } from "x"` cannot stand inside a function; `const { a: b } = await import("x")` can. */
function asDynamicImport(statement: ESTree.ImportDeclaration, code: string, imported: Set<string>): Edit {
  const { start, end, source, specifiers } = statement;
  const module = `await import(${JSON.stringify(source.value)})`;
  const names: string[] = [];
  let text = "";
  for (const specifier of statement.importKind === "type" ? [] : specifiers) {
    const local = specifier.local.name;
    // Later blocks may repeat an import, so that each can be read alone.
    if (imported.has(local)) continue;
    imported.add(local);
    if (specifier.type === "ImportNamespaceSpecifier") text += `const ${local} = ${module};`;
    else if (specifier.type === "ImportDefaultSpecifier") names.push(`default: ${local}`);
    else if (specifier.importKind !== "type") {
      names.push(`${code.slice(specifier.imported.start, specifier.imported.end)}: ${local}`);
    }
  }
  if (names.length > 0) text += `const { ${names.join(", ")} } = ${module};`;
  else if (specifiers.length === 0) text = `${module};`;
  return { start, end, text: text + "\n".repeat(code.slice(start, end).split("\n").length - 1) };
}

function subjectOf(statement: Valued, code: string): string | undefined {
  if (statement.type === "ExpressionStatement") return code.slice(statement.expression.start, statement.expression.end);
  const [declaration] = statement.declarations;
  return declaration?.id.type === "Identifier" ? declaration.id.name : undefined;
}

function lineAt(code: string, offset: number): string {
  return code.slice(code.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0] ?? "";
}

function apply(code: string, edits: Edit[]): string {
  let result = code;
  for (const { start, end, text } of edits.toSorted((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + text + result.slice(end);
  }
  return result;
}
