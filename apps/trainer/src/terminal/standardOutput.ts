/**
 * Standard output for results that may be longer than memory likes: written in parts, each after the reader has taken the last.
 */

import { once } from "node:events";

/** As many items of a list become one string at a time. */
const PART = 1 << 16;

/** A list that need not be an array. */
export interface List<T> {
  readonly length: number;
  at(index: number): T | undefined;
}

/** Writes text, and waits while the reader is behind. */
export async function writeOut(text: string): Promise<void> {
  if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Writes a line for each item. */
export async function writeLines(list: List<string | number>): Promise<void> {
  for (const part of partsOf(list)) await writeOut(part.map((item) => `${item}\n`).join(""));
}

/** Writes an object as JSON, a line for each key: lists of thousands of numbers are no more readable on as many lines. */
export async function writeJson(document: Readonly<Record<string, unknown>>): Promise<void> {
  let before = "{\n";
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    await writeOut(`${before}  ${JSON.stringify(key)}: `);
    before = ",\n";
    if (isList(value)) await writeJsonList(value);
    else await writeOut(JSON.stringify(value));
  }
  await writeOut("\n}\n");
}

async function writeJsonList(list: List<unknown>): Promise<void> {
  let before = "[";
  for (const part of partsOf(list)) {
    await writeOut(`${before}${part.map((item) => JSON.stringify(item)).join(",")}`);
    before = ",";
  }
  await writeOut(list.length === 0 ? "[]" : "]");
}

function* partsOf<T>(list: List<T>): Generator<T[]> {
  for (let start = 0; start < list.length; start += PART) {
    const length = Math.min(PART, list.length - start);
    yield Array.from({ length }, (_, index) => list.at(start + index) as T);
  }
}

function isList(value: unknown): value is List<unknown> {
  return typeof value === "object" && value !== null && "length" in value && "at" in value;
}
