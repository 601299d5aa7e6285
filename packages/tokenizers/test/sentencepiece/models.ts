// The committed models and what C++ SentencePiece makes of some lines with them; fixtures/make_sentencepiece.py wrote both.
import { SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** One line, with offsets in code points. */
export interface ExpectedLine {
  readonly text: string;
  readonly ids: number[];
  readonly pieces: string[];
  readonly begins: number[];
  readonly ends: number[];
  readonly decoded: string;
  readonly normalized: string;
}

export interface ExpectedLattice {
  readonly text: string;
  readonly nbest: readonly { readonly ids: number[]; readonly score: number }[];
  /** By inverse temperature. */
  readonly entropy: Readonly<Record<string, number>>;
}

export interface ExpectedModel {
  readonly lines: readonly ExpectedLine[];
  readonly lattice?: readonly ExpectedLattice[];
  readonly constrained?: { readonly ids: number[][] };
}

function fixture(name: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`fixtures/${name}.gz`, import.meta.url)));
}

/** By model name. */
export const expectedModels: Readonly<Record<string, ExpectedModel>> = JSON.parse(
  new TextDecoder().decode(fixture("expected.json")),
).models;

export const modelNames: readonly string[] = Object.keys(expectedModels);

/** Of lines of text. */
export function checksum(lines: readonly string[]): string {
  return createHash("sha256")
    .update(lines.map((line) => `${line}\n`).join(""))
    .digest("hex");
}

/** The bytes of a model's file. */
export function modelBytes(name: string): Uint8Array {
  return new Uint8Array(fixture(`${name}.model`));
}

/** A committed model, ready for use. */
export function loadModel(name: string): SentencePieceProcessor {
  return SentencePieceProcessor.fromBytes(modelBytes(name));
}
