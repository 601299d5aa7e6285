// The Node entry as JavaScript, for tests that need worker threads or a process of their own: Node 20 runs no TypeScript.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const source = fileURLToPath(new URL("../../../src/train/node", import.meta.url));

/** Builds the entry and the worker into a new folder, with a script beside them that imports `./index.js`; gives the script's path. */
export async function buildTrainer(script: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "llm-learning-train-"));
  await build({
    root: source,
    configFile: false,
    logLevel: "silent",
    build: {
      ssr: true,
      outDir: folder,
      target: "node20",
      minify: false,
      rollupOptions: {
        input: { index: join(source, "index.ts"), countingWorker: join(source, "countingWorker.ts") },
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
      },
    },
  });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const file = join(folder, "script.js");
  writeFileSync(file, script);
  return file;
}
