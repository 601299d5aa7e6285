// `npm run docs`: the API reference of every package, made by TypeDoc from the sources into docs/output. An export without
// documentation, a type that an export mentions and no entry point exports, and a link that leads nowhere are errors.
//
// TypeDoc reads programs through TypeScript's compiler API, which version 7 has not: hence this package with a version 6 of its own.
// Types are checked elsewhere.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { Application } from "typedoc";

const root = join(import.meta.dirname, "..");
const output = join(root, "docs", "output");
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });

/**
 * The name that each entry point is imported by, under its source file.
 *
 * @type {Map<string, string>}
 */
const names = new Map();
for (const group of ["packages", "apps"]) {
  for (const folder of readdirSync(join(root, group))) {
    const { name, exports } = readManifest(join(root, group, folder));
    for (const [path, target] of Object.entries(exports)) {
      if (path !== "./package.json")
        names.set(join(root, group, folder, target["@llm-learning/source"]), name + path.slice(1));
    }
  }
}
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

const page = readManifest(root).repository?.url.replace(/^git\+|\.git$/g, "");
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

/** @param {string} folder */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

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
