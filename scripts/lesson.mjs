// `npm run lesson -- 12`: runs a lesson of examples/ from its TypeScript source; without a number it lists them. Arguments after
// the number are the lesson's own.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";
import { checkNode, setUp } from "./setup.mjs";
import { StepFailure } from "./steps.mjs";

checkNode();
const folder = join(root, "examples");
const lessons = readdirSync(folder).filter((name) => /^\d\d-/.test(name));
const [wanted = "", ...rest] = process.argv.slice(2);
const lesson = lessons.find((name) => name === wanted || name.startsWith(`${wanted.padStart(2, "0")}-`));

if (wanted === "") {
  console.log("Run one with: npm run lesson -- NUMBER\n");
  for (const name of lessons) console.log(`  ${name.slice(0, 2)}  ${titleOf(name)}`);
} else if (lesson === undefined) {
  console.error(`lesson: expected a number from 01 to ${lessons.at(-1)?.slice(0, 2)}, got ${JSON.stringify(wanted)}`);
  process.exitCode = 2;
} else {
  await run(lesson, rest);
}

/** @param {string} name */
function titleOf(name) {
  return /^# (?:\d+\. )?(.+)$/m.exec(readFileSync(join(folder, name, "README.md"), "utf8"))?.[1] ?? name;
}

/**
 * @param {string} name
 * @param {string[]} args
 */
async function run(name, args) {
  try {
    await setUp();
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    process.exit(1);
  }
  const file = join(folder, name, "lesson.ts");
  process.argv = [process.execPath, file, ...args];
  // Sources that a script makes, and that a fresh clone lacks.
  for (const script of ["generateKernel", "generateVocabularies"]) {
    await import(pathToFileURL(join(root, "packages", "tokenizers", "scripts", `${script}.mjs`)).href);
  }
  const { createServer, defaultServerConditions } = await import("vite");
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
    ssr: { resolve: { conditions: ["@llm-learning/source", ...defaultServerConditions] } },
  });
  try {
    await server.ssrLoadModule(file);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await server.close();
  }
}
