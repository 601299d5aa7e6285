/**
 * A file of JSON lines, each of a step, that a resumed run continues as if it had never stopped.
 */

import { createReadStream } from "node:fs";
import { type FileHandle, open, stat, truncate } from "node:fs/promises";
import { UsageError } from "../usageError.ts";

/** A line; what else it holds is its writer's. */
export interface StepLine {
  readonly step: number;
}

/** Most bytes of a line: what is longer is none of ours. */
const LINE_BYTES = 2 ** 26;

/** Appends lines to a file. */
export class StepLines<Line extends StepLine> {
  readonly #path: string;
  #file: FileHandle | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens the file of a run that goes on at `step`: lines of that step and later, of a session that went further than its
   * last checkpoint, are cut off, and so is a line that was cut short by a kill, with whatever is behind it. A file that does not exist is
   * made by the first line.
   *
   * @param isLine - Whether an object with a step is a line of this file.
   * @param onKept - Told of each line that stays, and of one of `step` itself, which is written again.
   * @throws UsageError where the file cannot be read and written, or a line of an earlier step follows one that is none: no kill leaves that.
   */
  static async open<Line extends StepLine>(
    path: string,
    step: number,
    isLine: (value: Partial<Line>) => boolean,
    onKept?: (line: Line) => void,
  ): Promise<StepLines<Line>> {
    try {
      const end = await endOfLinesBefore(path, step, isLine, onKept);
      if (end !== undefined) await truncate(path, end);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      throw new UsageError(
        `expected a file that can be read and written, got ${code ?? message} (in ${JSON.stringify(path)})`,
        {
          cause: error,
        },
      );
    }
    return new StepLines(path);
  }

  async append(line: Line): Promise<void> {
    this.#file ??= await open(this.#path, "a");
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
  }

  /** Makes the lines last: called where a checkpoint is written, which they must not fall behind. */
  async sync(): Promise<void> {
    await this.#file?.datasync();
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

/** Where the lines before `step` end, in bytes; undefined where there is no file. */
async function endOfLinesBefore<Line extends StepLine>(
  path: string,
  step: number,
  isLine: (value: Partial<Line>) => boolean,
  onLine: ((line: Line) => void) | undefined,
): Promise<number | undefined> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (info === undefined) return undefined;
  // A pipe would be waited for.
  if (!info.isFile())
    throw new UsageError(`expected a file that can be read and written, got none in ${JSON.stringify(path)}`);
  let end = 0;
  let number = 0;
  /** Number of the first line that is none. */
  let damaged: number | undefined;
  for await (const bytes of linesOf(path)) {
    number++;
    const line = parseLine(bytes.toString(), isLine);
    if (line === undefined) {
      damaged ??= number;
    } else if (damaged === undefined) {
      if (line.step <= step) onLine?.(line);
      if (line.step >= step) return end;
      end += bytes.length + 1;
    } else if (line.step < step) {
      throw new UsageError(
        `expected lines of JSON in ${JSON.stringify(path)}, got line ${damaged}, which is none, before one of step ${line.step}: ` +
          "mend that line, or take it out",
      );
    }
  }
  return end;
}

/** The lines of a file that end, without their ends. One that is watched often is larger than a string can be. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0; // of the parts together
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    let rest = chunk as Buffer;
    for (let at = rest.indexOf(0x0a); at >= 0; at = rest.indexOf(0x0a)) {
      yield Buffer.concat([...parts, rest.subarray(0, at)]);
      parts = [];
      length = 0;
      rest = rest.subarray(at + 1);
    }
    parts.push(rest);
    length += rest.length;
    if (length > LINE_BYTES) return;
  }
}

/** The lines of a text, up to the first that is not one. */
export function parseStepLines<Line extends StepLine>(text: string, isLine: (value: Partial<Line>) => boolean): Line[] {
  const lines: Line[] = [];
  for (const part of text.split("\n")) {
    const line = parseLine(part, isLine);
    if (line === undefined) break;
    lines.push(line);
  }
  return lines;
}

function parseLine<Line extends StepLine>(text: string, isLine: (value: Partial<Line>) => boolean): Line | undefined {
  try {
    const value = JSON.parse(text) as Partial<Line> | null;
    return typeof value?.step === "number" && isLine(value) ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}
