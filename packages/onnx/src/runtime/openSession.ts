/**
 * Opens a model with the fastest binding of ONNX Runtime that works here.
 *
 * "native" calls the C API of the library that onnxruntime-node ships, through koffi: nothing is copied, a cache can be extended in
 * place, and the event loop stays free. "node" is onnxruntime-node itself, which works wherever it installs. Both run the same
 * kernels and give the same bits.
 */

import { encodeModel } from "../format/encodeModel.ts";
import { openNativeSession } from "./native/nativeSession.ts";
import { openOrtLibrary } from "./native/ortLibrary.ts";
import { openCheckedModel } from "./ortSession.ts";
import type { InternalSessionOptions, OrtSessionOptions } from "./ortSettings.ts";
import { checkedModel } from "./readOnnxModel.ts";
import type { Session } from "./session.ts";

/** A way to call ONNX Runtime. */
export type Binding = "native" | "node";

/** Options of {@link openSession}. */
export interface OpenSessionOptions extends OrtSessionOptions {
  /**
   * How the runtime is called. @defaultValue what the environment variable `LLM_LEARNING_BINDING` says, else "native" where it
   * works, "node" elsewhere
   */
  binding?: Binding | undefined;
}

/** Which binding a session gets, and why. */
export interface BindingChoice {
  readonly binding: Binding;
  /** Why it is not "native"; undefined where it is. */
  readonly reason: string | undefined;
}

/**
 * Opens a model.
 *
 * @param model - The bytes of a model file, or the path of one (needed where weights are in a file beside it).
 * @throws RangeError for an option that cannot be, a damaged file, or one whose weights are not inside its directory; Error if the
 * runtime is absent or refuses the model, or the binding that was asked for cannot be used.
 */
export async function openSession(model: Uint8Array | string, options: OpenSessionOptions = {}): Promise<Session> {
  await checkedModel("openSession", model);
  return openCheckedSession(model, options);
}

/** As {@link openSession}, for a model that `checkedModel` has seen. */
export async function openCheckedSession(
  model: Uint8Array | string,
  { binding, ...settings }: OpenSessionOptions & InternalSessionOptions,
): Promise<Session> {
  const chosen = await chooseBinding(binding);
  return chosen.binding === "native" ? openNativeSession(model, settings) : openCheckedModel(model, settings);
}

/**
 * The binding that a session gets.
 *
 * @throws RangeError for a name that is none, Error where "native" was asked for and does not work.
 */
export async function chooseBinding(
  wanted: string | undefined = process.env["LLM_LEARNING_BINDING"],
): Promise<BindingChoice> {
  if (wanted === "node") return { binding: "node", reason: "it was asked for" };
  if (wanted !== undefined && wanted !== "" && wanted !== "native") {
    throw new RangeError(`openSession: expected the binding native or node, got ${JSON.stringify(wanted)}`);
  }
  try {
    await (tested ??= testNative());
    return { binding: "native", reason: undefined };
  } catch (error) {
    if (wanted === "native") throw error;
    return { binding: "node", reason: (error as Error).message };
  }
}

let tested: Promise<void> | undefined;

/** Doubles two numbers, as a proof that the table of functions is what it should be. */
async function testNative(): Promise<void> {
  const { version } = await openOrtLibrary();
  const type = { dataType: "float32", shape: [2] } as const;
  const model = encodeModel({
    irVersion: 10,
    opsetImports: [{ domain: "", version: 21 }],
    producerName: "",
    metadata: {},
    graph: {
      name: "doubling",
      nodes: [{ opType: "Add", inputs: ["x", "x"], outputs: ["y"], attributes: {} }],
      inputs: [{ name: "x", ...type }],
      outputs: [{ name: "y", ...type }],
      initializers: [],
    },
  });
  const session = await openNativeSession(model, { threads: 1 });
  try {
    const { y } = await session.run({ x: { dtype: "float32", shape: [2], data: Float32Array.of(1, -3) } });
    if (String(y.data) === "2,-6") return;
    throw new Error(`openSession: expected ONNX Runtime ${version} to double 1 and -3, got ${String(y.data)}`);
  } finally {
    await session.dispose();
  }
}
