// `npm run docs`: the API reference, in docs/output/html.
import { join } from "node:path";
import { root } from "./paths.mjs";
import { checkNode, setUp } from "./setup.mjs";
import { attach, StepFailure } from "./steps.mjs";

checkNode();
try {
  await setUp();
  process.exitCode = await attach({ file: process.execPath, args: [join(root, "docs", "buildReference.mjs")] });
} catch (error) {
  if (!(error instanceof StepFailure)) throw error;
  process.exitCode = 1;
}
