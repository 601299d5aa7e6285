// Bundles a few lines of user code for a browser, as an application's build would, in memory.
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build, type Rolldown } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a page loads before its first line runs, and what it may load later. */
export interface Bundle {
  /** The entry, with all that it imports statically. */
  readonly code: string;
  /** Size of the entry and its static imports as a server sends them, in bytes. */
  readonly brotliBytes: number;
  /** File names of the chunks that only a dynamic import loads. */
  readonly lazyChunks: readonly string[];
}

export async function bundle(source: string): Promise<Bundle> {
  const entry = "\0entry.ts";
  const output = await build({
    root,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@llm-learning/source", "module", "browser"] },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "entry" ? entry : undefined),
        load: (id) => (id === entry ? source : undefined),
      },
    ],
    build: { write: false, target: "es2022", minify: true, rollupOptions: { input: "entry" }, modulePreload: false },
  });
  const chunks = (output as Rolldown.RolldownOutput).output.filter((file) => file.type === "chunk");
  const [first] = chunks.filter((chunk) => chunk.isEntry);
  if (first === undefined) throw new Error("bundle: the build gave no entry");
  const needed = new Set([first]);
  for (const chunk of needed) {
    for (const name of chunk.imports) needed.add(chunks.find(({ fileName }) => fileName === name) ?? first);
  }
  return {
    code: first.code,
    brotliBytes: [...needed].reduce((sum, { code }) => sum + brotliCompressSync(code).length, 0),
    lazyChunks: chunks.filter((chunk) => !needed.has(chunk)).map(({ fileName }) => fileName),
  };
}
