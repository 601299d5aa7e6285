/**
 * Where lessons put their plots: `examples/output/`, as SVG files for a browser.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { cwd, env } from "node:process";
import { fileURLToPath } from "node:url";

const folder = new URL("./output/", import.meta.url);

/**
 * Writes a plot to `examples/output/NAME.svg` and says where it is. In a test nothing is written.
 *
 * @returns the SVG as it was given.
 */
export async function draw(name: string, svg: string): Promise<string> {
  if (env.VITEST === "true") return svg;
  await mkdir(folder, { recursive: true });
  const file = fileURLToPath(new URL(`${name}.svg`, folder));
  await writeFile(file, svg);
  console.log(`drawn: ${relative(cwd(), file)}`);
  return svg;
}
