/**
 * Opens a model file for generation on ONNX Runtime.
 */

import { readFile } from "node:fs/promises";
import { decodeModel } from "../format/decodeModel.ts";
import { createOrtSession, type OrtSessionOptions } from "./ortSession.ts";
import { causalLMSignature } from "../generate/causalLMSignature.ts";
import { Generator, type GeneratorOptions } from "../generate/generator.ts";

/** Options of {@link openGenerator}: the generator's and the session's. */
export type OpenGeneratorOptions = GeneratorOptions & OrtSessionOptions;

/**
 * A generator for a causal language model.
 *
 * @param model - The bytes of a model file, or the path of one.
 * @throws RangeError if the file is damaged or is no causal language model with a cache; Error if it cannot be read or the
 * runtime refuses it.
 */
export async function openGenerator(
  model: Uint8Array | string,
  options: OpenGeneratorOptions = {},
): Promise<Generator> {
  const { blockSize, ...sessionOptions } = options;
  const bytes = typeof model === "string" ? await readFile(model) : model;
  const signature = causalLMSignature(decodeModel(bytes));
  const session = await createOrtSession(model, sessionOptions);
  try {
    return new Generator(session, signature, { blockSize });
  } catch (error) {
    await session.dispose();
    throw error;
  }
}
