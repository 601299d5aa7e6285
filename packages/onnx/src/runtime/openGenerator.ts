/**
 * Opens a model file for generation on ONNX Runtime.
 */

import { causalLMSignature } from "../generate/causalLMSignature.ts";
import { Generator, type GeneratorOptions } from "../generate/generator.ts";
import { nextTokenSignature } from "../generate/nextTokenSignature.ts";
import type { TokenGenerator } from "../generate/tokenGenerator.ts";
import { WindowGenerator, type WindowGeneratorOptions } from "../generate/windowGenerator.ts";
import { openCheckedSession, type OpenSessionOptions } from "./openSession.ts";
import { checkedModel } from "./readOnnxModel.ts";
import type { Session } from "./session.ts";

/** Options of {@link openGenerator}: the generator's and the session's. */
export type OpenGeneratorOptions = GeneratorOptions & OpenSessionOptions;

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
  const signature = causalLMSignature(await checkedModel("openGenerator", model));
  return withSession(model, sessionOptions, (session) => new Generator(session, signature, { blockSize }));
}

/** Options of {@link openTokenGenerator}. */
export type OpenTokenGeneratorOptions = WindowGeneratorOptions & OpenSessionOptions;

/**
 * A generator for a language model, with a KV cache or without one, as its inputs say.
 *
 * @param model - The bytes of a model file, or the path of one.
 * @throws RangeError if the file is damaged or is neither; Error if it cannot be read or the runtime refuses it.
 */
export async function openTokenGenerator(
  model: Uint8Array | string,
  options: OpenTokenGeneratorOptions = {},
): Promise<TokenGenerator> {
  const { padId, ...sessionOptions } = options;
  const decoded = await checkedModel("openTokenGenerator", model);
  const names = decoded.graph.inputs.map(({ name }) => name);
  if (names.length > 1 || names[0] !== "input_ids") {
    const signature = causalLMSignature(decoded);
    return withSession(model, sessionOptions, (session) => new Generator(session, signature));
  }
  const signature = nextTokenSignature(decoded);
  return withSession(model, sessionOptions, (session) => new WindowGenerator(session, signature, { padId }));
}

async function withSession<T>(
  model: Uint8Array | string,
  options: OpenSessionOptions,
  create: (session: Session) => T,
): Promise<T> {
  const session = await openCheckedSession(model, options);
  try {
    return create(session);
  } catch (error) {
    await session.dispose();
    throw error;
  }
}
