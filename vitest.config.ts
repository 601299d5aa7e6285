// One vitest project for the whole repository. It reads the packages' sources through their `@llm-learning/source`
// condition, so no build is needed; only tests that start a command line run what is in `dist`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
// Tests read sources, and some sources are generated.
import "./packages/tokenizers/scripts/generateKernel.mjs";
import "./packages/tokenizers/scripts/generateVocabularies.mjs";
import { hasCode, readmeTests } from "./scripts/readmeTests.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
const minute = 60_000;

/**
 * `vitest run --mode slow` runs the `*.slow.test.ts` files: convergence and other things that take minutes. `--mode publish` runs
 * the `*.publish.test.ts` files, which publish all packages to a local registry first.
 */
export default defineConfig(({ mode }) => {
  const isSlow = mode === "slow";
  const isPublish = mode === "publish";
  return {
    plugins: [readmeTests(root)],
    ssr: { resolve: { conditions: ["@llm-learning/source", ...defaultServerConditions] } },
    test: {
      projects: (isPublish ? publishing : isSlow ? slow : quick()).map((test) => ({ extends: true, mode, test })),
      exclude: [
        "**/node_modules/**",
        ...(isSlow ? [] : ["**/*.slow.test.ts"]),
        ...(isPublish ? [] : ["**/*.publish.test.ts"]),
      ],
      globalSetup: isPublish ? ["test/publishing/publishedWorkspace.ts"] : [],
      // Processes, not threads: a crash inside a native addon then costs one test file, not the whole run.
      pool: "forks",
      maxWorkers: Math.max(2, availableParallelism() >> 1),
      testTimeout: isSlow ? 20 * minute : isPublish ? 5 * minute : minute / 2,
      hookTimeout: isSlow ? 20 * minute : isPublish ? 5 * minute : minute / 2,
      // Lessons talk; what they say is of interest where they fail.
      silent: "passed-only",
      passWithNoTests: true,
      setupFiles: ["testing/equalSequences.ts"],
      coverage: {
        include: ["{packages,apps}/*/src/**/*.ts"],
        reporter: ["text-summary", "html", "lcovonly"],
      },
    },
  };
});

const publishing = [{ name: "publishing", include: ["test/publishing/*.publish.test.ts"] }];
// A process for each file: some of them measure its memory.
const slow = [{ name: "slow", include: ["{packages,apps,examples}/*/test/**/*.slow.test.ts"] }];

/** Files that share the modules which a process has loaded take half the processor time of files by themselves. */
function quick(): { name: string; include: string[]; exclude?: string[]; isolate: boolean }[] {
  const files = ["{packages,apps}/*/test/**/*.test.ts", "{test,examples/test,examples/browser/test}/**/*.test.ts"];
  const alone = [
    // One of the server's modules closes what it opened when its file ends.
    "apps/server/test/**/*.test.ts",
    // These load modules anew, or others in their place.
    "packages/init/test/rng.test.ts",
    "packages/onnx/test/runtime/nativeSession.test.ts",
    "examples/test/smoothing.test.ts",
  ];
  return [
    { name: "alone", include: alone, isolate: true },
    { name: "together", include: [...files, ...readmesWithCode()], exclude: alone, isolate: false },
  ];
}

function readmesWithCode(): string[] {
  const folders = ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  return ["README.md", ...folders.map((folder) => `${folder}/README.md`)].filter(
    (file) => existsSync(join(root, file)) && hasCode(readFileSync(join(root, file), "utf8")),
  );
}
