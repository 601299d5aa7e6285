// What a web application gets of a package: its browser-safe entry points in one bundle, made by vite, and run where nothing of
// Node's is in reach.
import { builtinModules } from "node:module";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build, type Plugin, type Rolldown } from "vite";
import type { EmptyProject } from "./emptyProject.ts";

/**
 * Bundles entry points that are installed in a project.
 *
 * @returns the code of a script that defines `bundle`
 * @throws Error if something imports a module of Node's, or anything stays outside the bundle
 */
export async function bundleForBrowser({ folder, write }: EmptyProject, entryPoints: string[]): Promise<string> {
  write("bundled.js", entryPoints.map((from, i) => `export * as entry${i} from ${JSON.stringify(from)};\n`).join(""));
  const output = (await build({
    root: folder,
    configFile: false,
    logLevel: "silent",
    plugins: [refuseNode],
    build: {
      write: false,
      minify: false,
      target: "es2023",
      lib: { entry: join(folder, "bundled.js"), formats: ["iife"], name: "bundle", fileName: "bundle" },
    },
  })) as Rolldown.RolldownOutput[];
  const chunks = output.flatMap((made) => made.output).filter((part) => part.type === "chunk");
  // A dynamic import that was taken in stays listed under the name of the bundle itself.
  const outside = chunks.flatMap(({ fileName, imports, dynamicImports }) =>
    [...imports, ...dynamicImports].filter((name) => name !== fileName),
  );
  if (chunks.length !== 1 || outside.length > 0) {
    throw new Error(`bundleForBrowser: expected one file that imports nothing, got ${chunks.length}: ${outside}`);
  }
  return chunks[0]?.code ?? "";
}

/** Runs the bundle with what browsers and Node share, and nothing else; returns the names that each entry point exports. */
export function runInBrowser(code: string): string[][] {
  const shared = { TextDecoder, TextEncoder, URL, atob, btoa, crypto, performance, queueMicrotask, structuredClone };
  const context = createContext({ ...shared });
  return JSON.parse(
    runInContext(`${code};JSON.stringify(Object.values(bundle).map((entry) => Object.keys(entry)))`, context),
  );
}

const refuseNode: Plugin = {
  name: "refuse-node",
  enforce: "pre",
  resolveId(source, importer) {
    if (source.startsWith("node:") || builtinModules.includes(source)) {
      throw new Error(`bundleForBrowser: expected no module of Node's, got ${source} in ${importer}`);
    }
  },
};
