// The beginning of a README: how to install the package, and the first thing that a reader gets out of it.
import { transformWithOxc } from "vite";
import { testModule } from "../../scripts/readmeTests.ts";

export interface FirstResult {
  /** The line that installs. */
  install: string;
  /** The lines of shell behind it in the same block, without comments. */
  commands: string[];
  /** The first `ts` block, as written; empty where there is none. */
  code: string;
}

/** @throws Error if the README's first block is not one of shell that begins with `npm install` */
export function firstResult(markdown: string, file: string): FirstResult {
  const [, language, block = ""] = /^```(\w+)\r?\n([^]*?)^```/m.exec(markdown) ?? [];
  const [install = "", ...commands] = block.split(/\r?\n/).map((line) => line.replace(/\s+#.*/, ""));
  if (language !== "sh" || !install.startsWith("npm install ")) {
    throw new Error(`${file}: expected a first block of sh that begins with "npm install", got ${install}`);
  }
  const [, code = ""] = /^```ts\r?\n([^]*?)^```/m.exec(markdown) ?? [];
  return { install, commands: commands.filter((line) => line !== ""), code };
}

/** The first `ts` block as a module for Node, with the values that its comments state as assertions. */
export async function firstResultModule(markdown: string, file: string): Promise<string> {
  const end = /^```ts\r?\n[^]*?^```/m.exec(markdown);
  const beginning = markdown.slice(0, (end?.index ?? 0) + (end?.[0].length ?? 0));
  const tested = testModule(beginning, file).replace('from "vitest"', 'from "./stated.mjs"');
  return (await transformWithOxc(tested, `${file}.ts`, { lang: "ts" })).code;
}

/** The module `stated.mjs` that the above imports: as much of vitest as a README's values need, without installing it. */
export const statedModule = `import { deepEqual } from "node:assert/strict";

class Near {
  constructor(value, digits) {
    Object.assign(this, { value, digits });
  }
}

/** A number that is near the stated one becomes it; everything else stays. */
const settle = (actual, stated) => {
  if (stated instanceof Near) {
    return Math.abs(actual - stated.value) < 10 ** -stated.digits / 2 ? stated : actual;
  }
  if (Array.isArray(stated) && Array.isArray(actual)) return actual.map((item, i) => settle(item, stated[i]));
  if (stated === null || typeof stated !== "object" || Object.getPrototypeOf(stated) !== Object.prototype) return actual;
  return Object.fromEntries(Object.entries(actual).map(([key, value]) => [key, settle(value, stated[key])]));
};

export const expect = (actual) => ({ toEqual: (stated) => deepEqual(settle(actual, stated), stated) });
expect.closeTo = (value, digits) => new Near(value, digits);
export const test = (name, body) => body();
`;
