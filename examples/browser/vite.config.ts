/**
 * Bundles the page from the packages' sources: no build of theirs is needed.
 */

import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";

// A source that a script makes, and that a fresh clone lacks.
await import(new URL("../../packages/tokenizers/scripts/generateKernel.mjs", import.meta.url).href);

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Served from any folder of any server.
  base: "./",
  resolve: { conditions: ["@llm-learning/source", ...defaultClientConditions] },
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 2000 },
});
