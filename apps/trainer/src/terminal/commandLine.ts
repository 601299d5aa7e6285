/**
 * How the user can call this program again: what is printed under "next" should work when it is pasted.
 */

import { existsSync } from "node:fs";
import { basename, isAbsolute, relative, resolve } from "node:path";

/** The words that start this program: `npx llm-learning`, `llm-learning`, or `node path/to/cli.js`. */
export function programName(): string {
  const script = process.argv[1] ?? "llm-learning";
  // npm's variables are inherited by whatever a script starts: on their own they say nothing.
  if (basename(script) === "llm-learning")
    return process.env.npm_command === "exec" ? "npx llm-learning" : "llm-learning";
  return `node ${quoteArgument(pathForUser(script))}`;
}

/** The words that start the server: beside this program in a clone where it is built, else from the registry. */
export function serverName(): string {
  const script = process.argv[1] ?? "";
  const built = resolve(script, "../../../server/dist/cli.js");
  const isClone = basename(script) === "cli.js" && existsSync(built);
  return isClone ? `node ${quoteArgument(pathForUser(built))}` : "npx @llm-learning/server";
}

/** A path as the user can type it: relative where this process runs in the folder that they are in. */
export function pathForUser(path: string): string {
  // npm runs scripts in the folder of package.json, which need not be the user's.
  const folder = process.env.INIT_CWD;
  if (folder !== undefined && folder !== process.cwd()) return resolve(path);
  if (!isAbsolute(path)) return path;
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}

/** An argument for a POSIX shell, quoted where it needs to be. */
export function quoteArgument(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
