/**
 * A file of JSON lines, each of a step, that a resumed run continues as if it had never stopped.
 */

import { type FileHandle, open, readFile } from "node:fs/promises";
import { writeFileAtomic } from "@llm-learning/datasets/node";

/** A line; what else it holds is its writer's. */
export interface StepLine {
  readonly step: number;
}

/** Appends lines to a file. */
export class StepLines<Line extends StepLine> {
  readonly #path: string;
  #file: FileHandle | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens the file of a run that goes on at `step`: lines of that step and later, of a session that went further than its
   * last checkpoint, are dropped, and so is a line that was cut short by a kill. A file that does not exist is made by the first line.
   *
   * @returns the writer, and the lines that were kept.
   */
  static async open<Line extends StepLine>(
    path: string,
    step: number,
    parse: (text: string) => Line[],
  ): Promise<{ lines: StepLines<Line>; kept: Line[] }> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const kept = parse(text).filter((line) => line.step < step);
    const content = kept.map((line) => `${JSON.stringify(line)}\n`).join("");
    if (content !== text) await writeFileAtomic(path, content);
    return { lines: new StepLines(path), kept };
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

/** The lines of a text, up to the first that is not one. */
export function parseStepLines<Line extends StepLine>(text: string, isLine: (value: Partial<Line>) => boolean): Line[] {
  const lines: Line[] = [];
  for (const line of text.split("\n")) {
    const value = parseObject<Line>(line);
    if (typeof value?.step !== "number" || !isLine(value)) break;
    lines.push(value as Line);
  }
  return lines;
}

function parseObject<Line>(line: string): Partial<Line> | null {
  try {
    return JSON.parse(line) as Partial<Line> | null;
  } catch {
    return null;
  }
}
