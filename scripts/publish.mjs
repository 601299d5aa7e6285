// `npm run release:publish`: sends every public package whose version the registry lacks, lowest layer first, and tags the commit
// with what the release consists of. The release workflow runs it, for only there can a package be signed with its provenance: the
// repository, commit and workflow that it was built from. `--no-provenance` sends unsigned, as to a registry on this machine.
import { withLock } from "./lock.mjs";
import { commandFile, root } from "./paths.mjs";
import { withoutRepository } from "./repository.mjs";
import { build, checkNode, pnpmFile, setUp, toolEnvironment } from "./setup.mjs";
import { attach, StepFailure } from "./steps.mjs";

checkNode();
/** The checkout, or a copy of it: whatever holds the packages is where the command is run. */
const workspace = process.cwd();
const isSigned = !process.argv.includes("--no-provenance");

const complaint = isSigned ? whyItCannotBeSigned() : undefined;
if (complaint !== undefined) {
  console.error(`release:publish: ${complaint}`);
  process.exit(2);
}
try {
  await setUp();
  // What is sent is what was built last: never something older than the sources beside it.
  const failure = workspace === root ? await withLock(build) : undefined;
  if (failure !== undefined) throw new Error(`The build failed\n${failure}`);
  const env = await toolEnvironment();
  const publish = ["publish", "--recursive", "--access", "public", "--no-git-checks"];
  const steps = [
    { file: await pnpmFile(), args: [...publish, ...(isSigned ? ["--provenance"] : [])] },
    { file: process.execPath, args: [commandFile("@changesets/cli"), "tag"] },
  ];
  for (const step of steps) {
    const status = await attach({ ...step, cwd: workspace, env });
    if (status !== 0) process.exit(status);
  }
} catch (error) {
  if (!(error instanceof StepFailure)) throw error;
  process.exitCode = 1;
}

/** @returns {string | undefined} */
function whyItCannotBeSigned() {
  const missing = withoutRepository(workspace);
  if (missing.length > 0) {
    return (
      `expected a "repository" in every package.json, which a signature names, got none in ${missing.join(", ")}; ` +
      "run `npm run release:repository -- https://github.com/OWNER/NAME` and commit what it writes"
    );
  }
  if (process.env["GITHUB_ACTIONS"] !== "true") {
    return "expected the release workflow, where packages can be signed with their provenance, got another machine; push to main instead";
  }
  return undefined;
}
