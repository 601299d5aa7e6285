// `npm test`: everything that has to hold before a change is merged, each check as one line with its seconds. A check
// that fails prints its whole output, and the others run all the same, so one run shows everything there is to mend.
// `npm test -- packages/init` runs those tests only. The last line is the count of the tests.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { checkPackages } from "./checkPackages.mjs";
import { withLock } from "./lock.mjs";
import { commandFile, root, toolsFolder } from "./paths.mjs";
import { build, checkNode, setUp, toolEnvironment, turbo } from "./setup.mjs";
import { attach, runAll, step, StepFailure } from "./steps.mjs";

checkNode();
const filters = process.argv.slice(2);
const start = performance.now();
/** @type {string[]} */
const failures = [];

try {
  await setUp();
} catch (error) {
  if (!(error instanceof StepFailure)) throw error;
  process.exit(1);
}

const isBuilt = await check("Building", () => withLock(build));
if (filters.length === 0) {
  await check("Checking types", async () => runAll([await turbo("run", "typecheck"), tool("typescript", "-p", root)]));
  await check("Linting (oxlint)", () => runAll([tool("oxlint", "--deny-warnings")]));
  await check("Checking the format (oxfmt)", () => runAll([tool("oxfmt", "--check")]));
  await check("Looking for unused code and dependencies (knip)", () => runAll([tool("knip")]));
  await check("Checking the boundaries (turbo)", async () => runAll([await turbo("boundaries")]));
  if (isBuilt) await check("Checking the packed packages (publint, attw)", checkPackages);
}
const count = await runTests();

if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
console.log(
  `\n${filters.length === 0 ? "All checks" : "Done"} in ${((performance.now() - start) / 1000).toFixed(0)} s`,
);
console.log(count);
process.exitCode = failures.length > 0 ? 1 : 0;

/**
 * @param {string} title
 * @param {() => Promise<string | undefined>} work
 */
async function check(title, work) {
  const succeeded = await step(title, work);
  if (!succeeded) failures.push(title);
  return succeeded;
}

/**
 * @param {string} packageName
 * @param {string[]} args
 * @returns {import("./steps.mjs").Command}
 */
function tool(packageName, ...args) {
  return { file: process.execPath, args: [commandFile(packageName), ...args] };
}

/** Runs vitest on our own output and returns the count as `N passed, N failed`. */
async function runTests() {
  const report = join(toolsFolder, `vitest-${process.pid}.json`);
  const reporter = process.stdout.isTTY ? "default" : "dot";
  const { file, args } = tool(
    "vitest",
    "run",
    `--reporter=${reporter}`,
    "--reporter=json",
    `--outputFile.json=${report}`,
  );
  const env = { ...(await toolEnvironment()), ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }) };
  const status = await attach({ file, args: [...args, ...filters], env });
  if (status !== 0) failures.push("Tests (vitest)");
  const counted = existsSync(report) ? countTests(JSON.parse(readFileSync(report, "utf8"))) : "0 passed, 1 failed";
  rmSync(report, { force: true });
  return counted;
}

/**
 * @typedef {object} Report What is read of vitest's JSON report.
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ name: string, status: string, assertionResults: unknown[] }[]} testResults one per file
 */

/** @param {Report} report */
function countTests({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  // A file that could not even be loaded holds no tests that could fail: it counts as one.
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  for (const { name } of broken) console.log(`Could not be loaded: ${relative(root, name)}`);
  const skipped = numPendingTests + numTodoTests;
  return [
    `${numPassedTests} passed`,
    `${numFailedTests + broken.length} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
}
