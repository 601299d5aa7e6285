// Pins what holds for every package of the workspace: who may depend on whom, what a package.json says, and the rules
// of style that a linter does not know. A rule that fails lists each offending place.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ESTree, parseSync, Visitor } from "vite";
import { describe, expect, test } from "vitest";

/** What each package depends on inside the workspace: the arrows of the table in README.md. */
const arrows: Record<string, readonly string[]> = {
  tokenizers: [],
  init: [],
  evaluation: [],
  "nn-core": ["init"],
  normalization: ["nn-core"],
  attention: ["nn-core"],
  diagnostics: ["nn-core"],
  onnx: ["nn-core"],
  tfjs: ["nn-core"],
  models: ["attention", "init", "nn-core", "normalization"],
  datasets: ["tokenizers"],
};

/** What an app may compose; `undefined` means any package. */
const appArrows: Record<string, readonly string[] | undefined> = {
  trainer: undefined,
  server: ["onnx", "tokenizers"],
};

/** The entry points for Node: everything else in `packages/` runs in a browser. */
const nodeEntryPoints = [/^packages\/[^/]+\/src\/(.+\/)?node\//, /^packages\/onnx\/src\/runtime\//];

const root = join(import.meta.dirname, "..");
const scope = "@llm-learning/";

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  description?: string;
  license?: string;
  type?: string;
  sideEffects?: boolean;
  files?: string[];
  engines?: Record<string, string>;
  keywords?: string[];
  publishConfig?: Record<string, unknown>;
  exports?: Record<string, string | Record<string, string>>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

interface Package {
  /** Path from the root, such as `packages/init`. */
  folder: string;
  /** Name of the folder, such as `init`. */
  name: string;
  manifest: Manifest;
}

const libraries = packagesIn("packages");
const apps = packagesIn("apps");
const packages = [...libraries, ...apps];
const sources = packages.flatMap(({ folder }) => typescriptIn(`${folder}/src`)).map(parse);
const tests = packages.flatMap(({ folder }) => typescriptIn(`${folder}/test`)).map(parse);

describe("the direction of dependencies", () => {
  test.each(libraries)("packages/$name depends on exactly the layers below it", ({ name, manifest }) => {
    expect(arrows, `packages/${name} has no row in the table of arrows`).toHaveProperty(name);
    expect(workspaceDependencies(manifest)).toEqual(arrows[name]);
  });

  test.each(apps)("apps/$name depends on libraries only", ({ name, manifest }) => {
    expect(Object.keys(appArrows), `apps/${name} has no row in the table of arrows`).toContain(name);
    const allowed = appArrows[name] ?? Object.keys(arrows);
    expect(workspaceDependencies(manifest).filter((dependency) => !allowed.includes(dependency))).toEqual([]);
  });

  test("each package of the table stands below those that it depends on", () => {
    const order = Object.keys(arrows);
    const upward = Object.entries(arrows).flatMap(([name, below]) =>
      below.filter((dependency) => order.indexOf(dependency) >= order.indexOf(name)).map((up) => `${name} -> ${up}`),
    );
    expect(upward).toEqual([]);
  });

  test("no package is a peer dependency of another, which would turn a minor release into a major one", () => {
    const peers = packages.filter(({ manifest }) => namesInScope(manifest.peerDependencies).length > 0);
    expect(peers.map(({ folder }) => folder)).toEqual([]);
  });
});

describe("package.json", () => {
  test.each(packages)("of $folder says what a reader and a registry need", ({ folder, name, manifest }) => {
    expect(manifest).toMatchObject({
      name: scope + name,
      license: "MIT",
      type: "module",
      description: expect.stringMatching(/^[A-Z].{20,}\.$/),
      files: expect.arrayContaining(["dist", "src"]),
      engines: { node: ">=20.19" },
      keywords: expect.arrayContaining(["language-model"]),
      // Public, and never unsigned by accident: npm refuses to publish where it cannot sign.
      publishConfig: { access: "public", provenance: true },
    });
    expect(existsSync(join(root, folder, "README.md")), `${folder}/README.md is missing`).toBe(true);
  });

  test.each(libraries)("of packages/$name lets bundlers drop what is not used", ({ manifest }) => {
    expect(manifest.sideEffects).toBe(false);
  });

  test.each(packages)("of $folder exports source, types and code, in this order", ({ folder, manifest }) => {
    const { "./package.json": self, ...entries } = manifest.exports ?? {};
    expect(self).toBe("./package.json");
    expect(Object.keys(entries)).toContain(".");
    for (const [entry, target] of Object.entries(entries)) {
      const source = typeof target === "string" ? target : (target[`${scope}source`] ?? "");
      const built = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
      expect(Object.entries(target), entry).toEqual([
        [`${scope}source`, `${built.replace("./dist/", "./src/")}.ts`],
        ["types", `${built}.d.ts`],
        ["default", `${built}.js`],
      ]);
      expect(existsSync(join(root, folder, source)), `${folder}: ${source} is missing`).toBe(true);
    }
  });

  test("versions of all packages are in step", () => {
    expect([...new Set(packages.map(({ manifest }) => manifest.version))]).toHaveLength(1);
  });

  test("other people's packages are pinned to one exact version in the whole workspace", () => {
    const versions = new Map<string, Set<string>>();
    for (const { manifest } of [...packages, { manifest: readManifest(".") }]) {
      for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
        if (!name.startsWith(scope)) versions.set(name, (versions.get(name) ?? new Set()).add(version));
      }
    }
    const unpinned = [...versions].filter(([, used]) => used.size > 1 || !/^\d+\.\d+\.\d+/.test([...used].join()));
    expect(unpinned.map(([name, used]) => `${name}: ${[...used].join(" and ")}`)).toEqual([]);
  });
});

describe("imports", () => {
  test("libraries need nothing of Node outside their Node entry points", () => {
    const browserSafe = sources.filter(
      ({ file }) => file.startsWith("packages/") && !nodeEntryPoints.some((pattern) => pattern.test(file)),
    );
    expect(places(browserSafe, ({ imports }) => imports.filter(({ from }) => from.startsWith("node:")))).toEqual([]);
  });

  test("relative imports carry .ts", () => {
    const isBare = ({ from }: Import) => /^\.{1,2}(\/|$)/.test(from) && !/\.(ts|json)$/.test(from);
    expect(places([...sources, ...tests], ({ imports }) => imports.filter(isBare))).toEqual([]);
  });

  test("packages reach each other by the entry points of package.json only", () => {
    const isDeep = ({ from }: Import) => {
      if (!from.startsWith(scope)) return false;
      const [name = "", ...rest] = from.slice(scope.length).split("/");
      const target = packages.find((candidate) => candidate.name === name);
      return target?.manifest.exports?.[[".", ...rest].join("/")] === undefined;
    };
    // What tests share is no published package: only tests may reach it.
    const isShared = ({ from }: Import) => /^testing(-engines)?\//.test(from.replace(scope, ""));
    expect(places(sources, ({ imports }) => imports.filter(isDeep))).toEqual([]);
    expect(places(tests, ({ imports }) => imports.filter((used) => isDeep(used) && !isShared(used)))).toEqual([]);
  });
});

describe("house style", () => {
  test("no default exports, no `export *`, no `any`, no enums, no namespaces", () => {
    expect(places([...sources, ...tests], ({ forbidden }) => forbidden)).toEqual([]);
  });

  test("every source file opens with a comment that says what it is", () => {
    const bare = sources.filter(({ text }) => !/^(#!.*\n)?\s*(\/\/|\/\*)/.test(text));
    expect(bare.map(({ file }) => file)).toEqual([]);
  });

  test("no source file is longer than 300 lines, unless a script generated it", () => {
    const isLong = ({ text }: Source) => text.split("\n").length > 301 && !/^\/[/*]+\s*Generated by /.test(text);
    expect(sources.filter(isLong).map(({ file, text }) => `${file}: ${text.split("\n").length - 1}`)).toEqual([]);
  });

  test("no unfinished business in comments", () => {
    const isUnfinished = ({ text }: Comment) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text);
    expect(places([...sources, ...tests], ({ comments }) => comments.filter(isUnfinished))).toEqual([]);
  });

  test("no file is a drawer for odds and ends", () => {
    const drawers = sources.filter(({ file }) => /\/(utils?|helpers?|common|misc)(\.ts|\/)/.test(file));
    expect(drawers.map(({ file }) => file)).toEqual([]);
  });
});

interface Import {
  offset: number;
  text: string;
  from: string;
}

interface Comment {
  offset: number;
  text: string;
}

interface Source {
  file: string;
  text: string;
  imports: Import[];
  comments: Comment[];
  forbidden: Comment[];
}

function parse(file: string): Source {
  const text = readFileSync(join(root, file), "utf8");
  const { program, comments } = parseSync(file, text, { lang: "ts", sourceType: "module" });
  const imports: Import[] = [];
  const forbidden: Comment[] = [];
  const note = ({ start }: { start: number }, what: string) => void forbidden.push({ offset: start, text: what });
  const importFrom = (source: ESTree.Node | null) => {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    imports.push({ offset: source.start, text: source.value, from: source.value });
  };
  new Visitor({
    ImportDeclaration: ({ source }) => importFrom(source),
    ExportNamedDeclaration: ({ source }) => importFrom(source),
    ImportExpression: ({ source }) => importFrom(source),
    ExportAllDeclaration: (node) => note(node, "export *"),
    ExportDefaultDeclaration: (node) => note(node, "export default"),
    TSAnyKeyword: (node) => note(node, "any"),
    TSEnumDeclaration: (node) => note(node, "enum"),
    // `declare module "vitest"` adds to somebody else's types and is no namespace.
    TSModuleDeclaration: (node) => node.id.type === "Identifier" && note(node, "namespace"),
  }).visit(program);
  return {
    file,
    text,
    imports,
    comments: comments.map(({ start, value }) => ({ offset: start, text: value.trim() })),
    forbidden,
  };
}

/** The places in the files that a rule picks, as `file:line: text`. */
function places(files: Source[], pick: (source: Source) => Comment[]): string[] {
  return files.flatMap((source) =>
    pick(source).map(
      ({ offset, text }) => `${source.file}:${source.text.slice(0, offset).split("\n").length}: ${text}`,
    ),
  );
}

function packagesIn(group: string): Package[] {
  return readdirSync(join(root, group))
    .filter((name) => existsSync(join(root, group, name, "package.json")))
    .map((name) => ({ folder: `${group}/${name}`, name, manifest: readManifest(`${group}/${name}`) }));
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

function workspaceDependencies({ dependencies, peerDependencies }: Manifest): string[] {
  return namesInScope({ ...dependencies, ...peerDependencies });
}

function namesInScope(dependencies: Record<string, string> = {}): string[] {
  return Object.keys(dependencies)
    .filter((name) => name.startsWith(scope))
    .map((name) => name.slice(scope.length))
    .toSorted();
}

function typescriptIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "fixtures" ? [] : typescriptIn(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}
