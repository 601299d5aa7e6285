// The trainers as JavaScript, for tests that need worker threads or a process of their own: Node 20 runs no TypeScript.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const source = fileURLToPath(new URL("../../../src/train/node", import.meta.url));

/** Builds the entries of training into a new folder, with a script beside them that imports `./node.js` and `./train.js`; gives its path. */
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
        input: {
          train: join(source, "../index.ts"),
          node: join(source, "index.ts"),
          countingWorker: join(source, "countingWorker.ts"),
        },
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
      },
    },
  });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const file = join(folder, "script.js");
  writeFileSync(file, script);
  return file;
}
