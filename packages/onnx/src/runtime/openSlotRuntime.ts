/**
 * Opens a model file with a cache of slots, for a server to run many sequences at once.
 */

import { readFile } from "node:fs/promises";
import type { OnnxModel } from "../format/model.ts";
import { causalLMSignature, type CausalLMSignature } from "../generate/causalLMSignature.ts";
import { BatchedSlots } from "../slots/batchedSlots.ts";
import { raggedModel } from "../slots/raggedModel.ts";
import { SequentialSlots } from "../slots/sequentialSlots.ts";
import type { SlotRuntime } from "../slots/slotRuntime.ts";
import { HIDDEN_STATES } from "../slots/tokenRuns.ts";
import { faultOf, trialScores } from "../slots/trial.ts";
import { openCheckedSession, type OpenSessionOptions } from "./openSession.ts";
import { checkedFile, type ModelFile } from "./readOnnxModel.ts";
import { rewrittenModel } from "./rewrittenModel.ts";

/** Options of {@link openSlotRuntime}: the cache's and the session's. */
export interface OpenSlotRuntimeOptions extends OpenSessionOptions {
  /** How many sequences there is room for, from 1 to 1024. */
  readonly slots: number;
  /** Most tokens of a slot, at least 2. @defaultValue what the model's metadata says */
  readonly blockSize?: number | undefined;
}

const MAX_SLOTS = 1024;

/**
 * A runtime with a cache of slots for a causal language model.
 *
 * The model is rewritten in memory, so that rows of a batch may have different lengths, and tried out: where it then gives other scores
 * than its file does, or other bits in batches of other sizes, or cannot be rewritten, the slots run one after the other.
 *
 * @param model - The bytes of a model file, or the path of one.
 * @throws RangeError for an option out of range, and if the file is damaged or is no causal language model with a cache; Error if it
 * cannot be read or the runtime refuses it.
 * @example
 * ```ts
 * const runtime = await openSlotRuntime("model/onnx/model.onnx", { slots: 8, threads: 2 });
 * let logits = await runtime.read(0, [5, 3, 8]);
 * [logits] = await runtime.step([{ slot: 0, token: 2 }]);
 * ```
 */
export async function openSlotRuntime(
  model: string | Uint8Array,
  options: OpenSlotRuntimeOptions,
): Promise<SlotRuntime> {
  const { slots, blockSize: wanted, ...sessionOptions } = options;
  const isPath = typeof model === "string";
  const file = { bytes: isPath ? await readFile(model) : model, path: isPath ? model : undefined };
  const decoded = await checkedFile("openSlotRuntime", file);
  const signature = causalLMSignature(decoded);
  const blockSize = wanted ?? signature.blockSize;
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_SLOTS) {
    throw new RangeError(`openSlotRuntime: expected slots to be an integer from 1 to ${MAX_SLOTS}, got ${slots}`);
  }
  if (blockSize === undefined || !Number.isSafeInteger(blockSize) || blockSize < 2) {
    throw new RangeError(
      `openSlotRuntime: expected blockSize, an integer >= 2, in the options or the model's metadata, got ${blockSize}`,
    );
  }
  const sizes = { signature, slots, blockSize, hiddenSize: hiddenSizeOf(decoded) };
  const original = async (reason: string): Promise<SequentialSlots> =>
    new SequentialSlots({ session: await openCheckedSession(model, sessionOptions), ...sizes, reason });

  const batched = await openBatched(decoded, sizes, { file, sessionOptions, original });
  return typeof batched === "string" ? original(batched) : batched;
}

interface Sizes {
  readonly signature: CausalLMSignature;
  readonly slots: number;
  readonly blockSize: number;
  readonly hiddenSize: number | undefined;
}

/** The runtime that runs its slots in one batch, or the reason why there is none. */
async function openBatched(
  decoded: OnnxModel,
  sizes: Sizes,
  {
    file,
    sessionOptions,
    original,
  }: {
    readonly file: ModelFile;
    readonly sessionOptions: OpenSessionOptions;
    readonly original: (reason: string) => Promise<SequentialSlots>;
  },
): Promise<BatchedSlots | string> {
  if (!sizes.signature.cacheInPlace) return "its attention does not extend a cache where it is";
  const ragged = raggedModel(decoded);
  if (typeof ragged === "string") return ragged;
  // One after the other, so that the weights are in memory once.
  const reference = await original("it is the reference");
  const expected = await trialScores(reference).finally(() => reference.dispose());
  const { bytes, dataDirectory } = await rewrittenModel(ragged.model, file);
  const session = await openCheckedSession(bytes, { ...sessionOptions, dataDirectory });
  try {
    const { lastPlaces, longest } = ragged;
    const runtime = new BatchedSlots({ session, ...sizes, lastPlaces, longest });
    const fault = await faultOf(runtime, expected);
    if (fault === undefined) return runtime;
    await session.dispose();
    return fault;
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

/** Numbers of a token's last hidden state, where the model gives it. */
function hiddenSizeOf({ graph }: OnnxModel): number | undefined {
  const output = graph.outputs.find(({ name }) => name === HIDDEN_STATES);
  const size = output?.shape?.[2];
  const isThere = output?.dataType === "float32" && output.shape?.length === 3;
  return isThere && typeof size === "number" && size >= 1 ? size : undefined;
}
