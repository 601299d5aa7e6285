// Reads the files that fixtures/generate.py wrote with the reference implementation, and builds files by hand.
import { readFileSync } from "node:fs";

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`fixtures/${name}.safetensors`, import.meta.url)));
}

/** A file from a header's text and data bytes, with no check at all: the length is the header's unless told otherwise. */
export function file(header: string | Uint8Array, data: number[] = [], headerLength?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, headerLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
