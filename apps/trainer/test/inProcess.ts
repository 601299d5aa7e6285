/**
 * The program in the test's own process: what it says of bad usage is the same as when a shell starts it, and a process of
 * its own takes a second to start.
 */

import { Program } from "../src/program.ts";
import type { Ended } from "./builtCli.ts";

/** Runs the program in a folder. One at a time: the working folder and the streams are the process's. */
export async function runInProcess(folder: string, args: readonly string[]): Promise<Ended> {
  const before = { folder: process.cwd(), exitCode: process.exitCode };
  const [stdout, stderr] = [process.stdout, process.stderr].map(recorded);
  process.chdir(folder);
  process.exitCode = undefined;
  try {
    const status = (await new Program().run(args)) ?? Number(process.exitCode ?? 0);
    return { status, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const stream of [stdout, stderr]) stream.restore();
    process.chdir(before.folder);
    process.exitCode = before.exitCode;
  }
}

/** Keeps what is written to a stream, until it is restored. */
function recorded(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const { write } = stream;
  let text = "";
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    const onWritten = rest.at(-1);
    if (typeof onWritten === "function") onWritten();
    return true;
  };
  return { text: () => text, restore: () => void (stream.write = write) };
}
