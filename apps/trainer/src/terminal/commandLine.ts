/**
 * How the user can call this program again: what is printed under "next" should work when it is pasted.
 */

import { basename, relative } from "node:path";

/** The words that start this program: `npx llm-learning`, `llm-learning`, or `node path/to/cli.js`. */
export function programName(): string {
  const script = process.argv[1] ?? "llm-learning";
  if (process.env.npm_command === "exec") return "npx llm-learning";
  if (basename(script) === "llm-learning") return "llm-learning";
  return `node ${quoteArgument(pathForUser(script))}`;
}

/** A path as the user can type it: relative to the folder they are in, if that is where this process runs. */
export function pathForUser(path: string): string {
  // npm runs scripts in the folder of package.json, which need not be the user's.
  const folder = process.env.INIT_CWD;
  if (folder !== undefined && folder !== process.cwd()) return path;
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}

/** An argument for a POSIX shell, quoted where it needs to be. */
export function quoteArgument(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
