// Runs one of the workspace's own tools after set-up, so that a fresh clone needs nothing but npm:
// `npm run build`, `npm run format`, `npm run pnpm -- install`.
import { commandFile, readManifest, root } from "./paths.mjs";
import { checkNode, pnpmFile, setUp, toolEnvironment } from "./setup.mjs";
import { attach, StepFailure } from "./steps.mjs";

checkNode();
const [tool = "", ...args] = process.argv.slice(2);
try {
  // An outdated lockfile is mended by pnpm itself, so it must run even when the install would refuse.
  await setUp().catch((error) => {
    if (tool !== "pnpm") throw error;
  });
  const env = await toolEnvironment();
  process.exitCode = await attach(
    tool === "pnpm"
      ? { file: await pnpmFile(), args, env }
      : { file: process.execPath, args: [fileOf(tool), ...args], env },
  );
} catch (error) {
  if (!(error instanceof StepFailure)) throw error;
  process.exitCode = 1;
}

/** @param {string} command */
function fileOf(command) {
  const { devDependencies = {} } = readManifest(root);
  for (const name of Object.keys(devDependencies)) {
    try {
      return commandFile(name, command);
    } catch {
      // This package has no such command: look in the next one.
    }
  }
  throw new Error(`run: expected a command of a root dev dependency, got ${command}`);
}
