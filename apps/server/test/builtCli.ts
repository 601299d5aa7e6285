/**
 * The built program, as users start it: `dist` is there when the tests run through `npm test`.
 */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The command line. */
export const cli: string = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export const isBuilt: boolean = existsSync(cli);
if (!isBuilt) console.warn("skipped: the command line is not built (npm run build)");
