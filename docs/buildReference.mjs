// `npm run docs`: the API reference of every package, made by TypeDoc from the sources into docs/output. An export without
// documentation, a type that an export mentions and no entry point exports, and a link that leads nowhere are errors.
//
// TypeDoc reads programs through TypeScript's compiler API, which version 7 has not: hence this package with a version 6 of its own.
// Types are checked elsewhere.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { Application } from "typedoc";
import { readManifest, root, workspaceFolders } from "../scripts/paths.mjs";

const output = join(root, "docs", "output");
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });

/** The name that each entry point is imported by, under its source file. */
const names = new Map(
  workspaceFolders().flatMap((folder) => {
    const { name, private: isPrivate, exports = {} } = readManifest(folder);
    if (isPrivate === true) return [];
    return Object.entries(exports)
      .filter(([path]) => path !== "./package.json")
      .map(([path, target]) => [join(folder, target["@llm-learning/source"] ?? ""), name + path.slice(1)]);
  }),
);
const files = [...names.keys()];
const tsconfig = join(output, "tsconfig.json");
writeFileSync(
  tsconfig,
  JSON.stringify({
    extends: "../../tsconfig.base.json",
    compilerOptions: {
      noEmit: true,
      isolatedDeclarations: false,
      rootDir: "../..",
      types: ["node"],
      typeRoots: ["../../node_modules/@types"],
    },
    files,
  }),
);

const repository = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).repository?.url;
const page = repository?.replace(/^git\+|\.git$/g, "");
const app = await Application.bootstrap({
  name: "llm-learning",
  entryPoints: files,
  tsconfig,
  basePath: root,
  readme: join(root, "docs", "README.md"),
  out: join(output, "html"),
  skipErrorChecking: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  // Without the address of the repository there is nothing to link a line of source to.
  ...(page === undefined
    ? { disableSources: true }
    : { disableGit: true, sourceLinkTemplate: `${page}/blob/main/{path}#L{line}` }),
  validation: {
    notDocumented: true,
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
  },
});
const project = await app.convert();
if (project !== undefined) {
  for (const module of project.children ?? []) module.name = importedAs(module.name);
  app.validate(project);
  if (!app.logger.hasErrors() && !app.logger.hasWarnings()) await app.generateOutputs(project);
}
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;

/**
 * @param {string} module TypeDoc's name of an entry point: its path without `.ts` and without `/index`
 * @returns {string}
 */
function importedAs(module) {
  for (const [file, name] of names) {
    const path = relative(root, file).split(sep).join("/");
    if (path === `${module}.ts` || path === `${module}/index.ts`) return name;
  }
  throw new Error(`buildReference: expected the path of an entry point, got ${module}`);
}
