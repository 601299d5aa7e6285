/**
 * Fine-tuning a decoder by LoRA: which of its layers get a low-rank change, and how the changes become part of the weights again.
 */

import { freeze, LoRA, type LoRAOptions, type Module, namedLinears } from "@llm-learning/nn-core";

/** Ranks, and which layers of each block are changed. */
export interface AddLoRAOptions extends LoRAOptions {
  /**
   * Names of layers within a block, the last part of their paths: of GPT `qkv`, `output`, `expand`, `project`, of Llama `query`, `key`,
   * `value`, `output`, `gate`, `up`, `down`. @defaultValue all of them
   */
  targets?: readonly string[];
}

/** A model of blocks, such as GPT and Llama. */
type Decoder = Module & { readonly blocks: readonly Module[] };

/**
 * Freezes `model` and gives linear layers of its blocks a {@link LoRA} each, which alone is learned from then on. The model computes
 * the same as before, since a change starts at zero.
 *
 * @throws RangeError for a target that no block has, a layer that has an adapter already, or as LoRA.
 *
 * @example
 * ```ts
 * addLoRA(model, { rng: new Rng(1), rank: 8, alpha: 16, targets: ["query", "value"] });
 * trainableParameters(model); // blocks.0.attention.query.adapter.down, ...
 * mergeLoRA(model); // plain weights again
 * ```
 */
export function addLoRA(model: Decoder, options: AddLoRAOptions): void {
  const layers = [...namedLinears(model.blocks)].map(([path, layer]) => ({ name: path.split(".").at(-1)!, layer }));
  const names = new Set(layers.map(({ name }) => name));
  const { targets = [...names] } = options;
  const unknown = targets.find((target) => !names.has(target));
  if (unknown !== undefined || targets.length === 0) {
    throw new RangeError(
      `addLoRA: expected targets among the model's layers ${[...names].join(", ")}, got ${unknown ?? "none"}`,
    );
  }
  const adapted = layers.filter(({ name }) => targets.includes(name));
  if (adapted.some(({ layer }) => layer.adapter !== undefined)) {
    throw new RangeError("addLoRA: expected layers without an adapter, got some that have one: merge it first");
  }
  freeze(model);
  for (const { layer } of adapted) {
    const [outFeatures, inFeatures] = layer.weight.shape;
    layer.adapter = new LoRA(inFeatures, outFeatures, options);
  }
}

/** Adds every change to the weight it belongs to, and takes the adapters away; parameters stay frozen. */
export function mergeLoRA(model: Module): void {
  for (const layer of namedLinears(model).values()) {
    layer.adapter?.addTo(layer.weight);
    layer.adapter = undefined;
  }
}
