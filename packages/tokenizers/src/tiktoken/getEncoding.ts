/**
 * Encodings by their own name and by the model that uses them. Each vocabulary is a module of its own that is loaded when asked for, so that
 * a bundle which names one encoding carries one.
 */

import { describe } from "../describe.ts";
import type { Encoding } from "./encoding.ts";
import type { EncodingName } from "./encodingDefinitions.ts";
import { modelEncodings, modelPrefixEncodings } from "./models.ts";

const loaders: Readonly<Record<EncodingName, () => Promise<Encoding>>> = {
  gpt2: async () => (await import("./encodings/gpt2.ts")).gpt2,
  r50k_base: async () => (await import("./encodings/r50k_base.ts")).r50k_base,
  p50k_base: async () => (await import("./encodings/p50k_base.ts")).p50k_base,
  p50k_edit: async () => (await import("./encodings/p50k_edit.ts")).p50k_edit,
  cl100k_base: async () => (await import("./encodings/cl100k_base.ts")).cl100k_base,
  o200k_base: async () => (await import("./encodings/o200k_base.ts")).o200k_base,
  o200k_harmony: async () => (await import("./encodings/o200k_harmony.ts")).o200k_harmony,
};

/** The names that {@link getEncoding} knows. */
export function listEncodingNames(): EncodingName[] {
  return Object.keys(loaders) as EncodingName[];
}

/**
 * Loads an encoding by its name.
 *
 * @param name - Such as `"cl100k_base"`; see {@link listEncodingNames}.
 * @returns The same object each time.
 * @throws RangeError (as a rejection) if there is no encoding of that name.
 */
export async function getEncoding(name: EncodingName): Promise<Encoding> {
  if (!Object.hasOwn(loaders, name)) {
    throw new RangeError(`getEncoding: expected one of ${listEncodingNames().join(", ")}, got ${describe(name)}`);
  }
  return loaders[name]();
}

/**
 * The name of the encoding that one of OpenAI's models uses: by the model's exact name, else by the beginning of it.
 *
 * @param model - Such as `"gpt-4o"` or `"gpt-4o-2024-05-13"`.
 * @throws RangeError if no model of that name is known.
 */
export function encodingNameForModel(model: string): EncodingName {
  const exact = modelEncodings.get(model);
  if (exact !== undefined) return exact;
  for (const [prefix, name] of modelPrefixEncodings) if (String(model).startsWith(prefix)) return name;
  throw new RangeError(
    `encodingNameForModel: expected a model of OpenAI's such as "gpt-4o", got ${describe(model)}; name its encoding with getEncoding`,
  );
}

/**
 * Loads the encoding that one of OpenAI's models uses.
 *
 * @throws RangeError (as a rejection) if no model of that name is known.
 */
export async function encodingForModel(model: string): Promise<Encoding> {
  return getEncoding(encodingNameForModel(model));
}
