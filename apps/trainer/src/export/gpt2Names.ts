/**
 * Which layer of a GPT is called what in Hugging Face's GPT2LMHeadModel, and how it is stored there: the one table that export and
 * import read.
 */

/** A layer under both names. */
export interface GPT2Layer {
  /** Its path in our GPT: `blocks.0.mlp.expand`. */
  readonly ours: string;
  /** Its path there: `transformer.h.0.mlp.c_fc`. */
  readonly theirs: string;
  /**
   * "table" has weights alone, stored as ours; "norm" and "conv1d" have a bias too. A linear layer of a block is a Conv1D there, whose
   * weight is stored `[in, out]`, where ours is `[out, in]`.
   */
  readonly kind: "table" | "norm" | "conv1d";
}

/** The layers of a GPT of `nLayer` blocks, in their order there. */
export function gpt2Layers({ nLayer, tieWeights }: { nLayer: number; tieWeights: boolean }): readonly GPT2Layer[] {
  const blocks = Array.from({ length: nLayer }, (_, index) => blockLayers(index)).flat();
  return [
    { ours: "tokenEmbedding", theirs: "transformer.wte", kind: "table" },
    { ours: "positionEmbedding", theirs: "transformer.wpe", kind: "table" },
    ...blocks,
    { ours: "norm", theirs: "transformer.ln_f", kind: "norm" },
    ...(tieWeights ? [] : [{ ours: "output", theirs: "lm_head", kind: "table" } as const]),
  ];
}

function blockLayers(index: number): GPT2Layer[] {
  const layers = [
    ["norm1", "ln_1", "norm"],
    ["attention.qkv", "attn.c_attn", "conv1d"],
    ["attention.output", "attn.c_proj", "conv1d"],
    ["norm2", "ln_2", "norm"],
    ["mlp.expand", "mlp.c_fc", "conv1d"],
    ["mlp.project", "mlp.c_proj", "conv1d"],
  ] as const;
  return layers.map(([ours, theirs, kind]) => ({
    ours: `blocks.${index}.${ours}`,
    theirs: `transformer.h.${index}.${theirs}`,
    kind,
  }));
}
