/** Models that Python's onnx package wrote, with their content as JSON (see fixtures/make_models.py). */
import { readFileSync } from "node:fs";

/** The bytes of a fixture, in an array of their own. */
export function fixtureBytes(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(`fixtures/${name}.onnx`, import.meta.url)));
}

/** The expected content of a fixture. */
export function fixtureJson(name: string): {
  model: unknown;
  runs: { flag: boolean; x: number[]; y: number[] }[];
} {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

/** A decoded model in the JSON form of the fixtures: bytes as hex, bigints as decimals, unknown dims as null. */
export function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") };
  if (typeof value === "bigint") return { bigint: `${value}` };
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asJson(item)]));
  }
  return value ?? null;
}
