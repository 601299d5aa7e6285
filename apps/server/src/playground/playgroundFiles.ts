/**
 * The files of the page, as they are sent: a few texts, read once, each with the hash of its content as its ETag.
 *
 * The script is compiled for browsers into `dist/playground/browser`, in modules that import each other. Its addresses are the names of
 * those files, which are listed at the start: none is made of what a request says.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { playgroundIcon, playgroundPage } from "./playgroundPage.ts";
import { playgroundStyle } from "./playgroundStyle.ts";

/** A file that browsers ask for. */
export interface PlaygroundFile {
  readonly path: string;
  readonly type: string;
  readonly content: string;
  /** Quoted, as the header has it. */
  readonly etag: string;
}

/** From the sources and from what they are compiled to, this is the compiled script. */
const scripts = new URL("../../dist/playground/browser/", import.meta.url);

/** All files; without a script where the package is not built. */
export function playgroundFiles(): PlaygroundFile[] {
  const modules = existsSync(scripts) ? readdirSync(scripts).filter((name) => name.endsWith(".js")) : [];
  return [
    file("/", "text/html", playgroundPage),
    file("/playground/style.css", "text/css", playgroundStyle),
    file("/playground/icon.svg", "image/svg+xml", playgroundIcon),
    ...modules.map((name) =>
      file(`/playground/${name}`, "text/javascript", readFileSync(new URL(name, scripts), "utf8")),
    ),
  ];
}

function file(path: string, type: string, content: string): PlaygroundFile {
  const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
  return { path, type: `${type}; charset=utf-8`, content, etag };
}
