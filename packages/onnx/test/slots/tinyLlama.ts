/**
 * A small causal language model in the form that is exported: GroupQueryAttention over a cache in place, whose bias is made of the mask.
 * Weights are drawn; positions are learned.
 */

import { Rng } from "@llm-learning/init";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from "@llm-learning/onnx";

export const sizes = { V: 48, C: 64, H: 4, Hkv: 2, D: 16, layers: 2, blockSize: 40 };

/** What the model has beside the common form. */
export interface TinyLlamaOptions {
  /** Attention whose bias grows with the distance of a key, as ALiBi's. */
  readonly slopes?: boolean;
  /** Attention of ordinary operators, which joins the cache with new keys. */
  readonly ordinary?: boolean;
  /** An output of the last hidden state. */
  readonly hidden?: boolean;
  /** Longest context. */
  readonly blockSize?: number;
}

export function tinyLlama({
  slopes = false,
  ordinary = false,
  hidden = false,
  blockSize = sizes.blockSize,
}: TinyLlamaOptions = {}): OnnxModel {
  const { V, C, H, Hkv, D, layers } = sizes;
  const rng = new Rng(7);
  const initializers: OnnxTensor[] = [];
  const nodes: OnnxNode[] = [];
  const tensor = (
    name: string,
    dataType: "float32" | "int64" | "int32",
    dims: number[],
    data: ArrayBufferView,
  ): string => {
    initializers.push({ name, dataType, dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
    return name;
  };
  const drawn = (name: string, dims: number[], std: number): string =>
    tensor(
      name,
      "float32",
      dims,
      Float32Array.from({ length: dims[0] * (dims[1] ?? 1) }, () => std * rng.normal()),
    );
  const int64s = (name: string, ...values: number[]): string =>
    tensor(name, "int64", [values.length], BigInt64Array.from(values, BigInt));
  const node = (
    opType: string,
    inputs: string[],
    outputs: string[],
    attributes: Record<string, OnnxAttribute> = {},
    domain = "",
  ): string => {
    nodes.push({ opType, inputs, outputs, attributes, domain });
    return outputs[0];
  };
  const int = (value: number): OnnxAttribute => ({ type: "int", value });
  const norm = (x: string, name: string): string =>
    node("LayerNormalization", [x, drawn(`${name}.weight`, [C], 1)], [name], { axis: int(-1) });
  const linear = (x: string, name: string, rows: number, columns: number): string =>
    node("MatMul", [x, drawn(`${name}.weight`, [rows, columns], rows ** -0.5)], [name]);

  tensor("num_logits_to_keep", "int64", [], new BigInt64Array(1));
  tensor("one", "int32", [1], Int32Array.of(1));
  tensor("zero", "float32", [], new Float32Array(1));
  tensor("hidden", "float32", [], Float32Array.of(-1e30));
  int64s("axes", 1, 2);
  int64s("ones", 1);
  // The bias of padding, and lengths that are the same for all rows.
  node("Cast", ["attention_mask"], ["allowed"], { to: int(9) });
  node("Unsqueeze", ["allowed", "axes"], ["allowed.4"]);
  node("Shape", ["input_ids"], ["B"], { start: int(0), end: int(1) });
  node("Shape", ["input_ids"], ["T"], { start: int(1), end: int(2) });
  node("Shape", ["attention_mask"], ["S"], { start: int(1), end: int(2) });
  node("Cast", ["S"], ["total"], { to: int(6) });
  node("Sub", ["total", "one"], ["last"]);
  node("Expand", ["last", "B"], ["seqlens"]);
  node("Where", ["allowed.4", "zero", "hidden"], ["padding"]);
  node("Concat", ["B", "ones", "T", "S"], ["scores.shape"], { axis: int(0) });
  let bias = node("Expand", ["padding", "scores.shape"], ["bias"]);
  if (slopes) {
    tensor(
      "slopes",
      "float32",
      [1, 1, 1, 2 * blockSize],
      Float32Array.from({ length: 2 * blockSize }, (_, j) => j / 4),
    );
    int64s("begin", 0);
    int64s("axis", 3);
    node("Slice", ["slopes", "begin", "S", "axis"], ["distances"]);
    bias = node("Add", ["bias", "distances"], ["sloped"]);
  }
  if (ordinary) {
    // Hidden from a query: padding, and what comes after it.
    node("Squeeze", ["T"], ["T.0"]);
    node("Squeeze", ["S"], ["S.0"]);
    tensor("start", "int64", [], new BigInt64Array(1));
    tensor("delta", "int64", [], BigInt64Array.of(1n));
    node("Range", ["start", "S.0", "delta"], ["keys"]);
    node("Sub", ["S.0", "T.0"], ["past"]);
    node("Range", ["past", "S.0", "delta"], ["queries"]);
    int64s("minor", 1);
    node("Unsqueeze", ["queries", "minor"], ["queries.2"]);
    node("LessOrEqual", ["keys", "queries.2"], ["causal"]);
    node("And", ["causal", "allowed.4"], ["heard"]);
    bias = node("Where", ["heard", "zero", "hidden"], ["causal.bias"]);
    int64s("apart.q", 0, 0, H, D);
    int64s("apart.kv", 0, 0, Hkv, D);
    int64s("joined", 0, 0, C);
    int64s("two", 2);
    int64s("repeat", 1, 1, H / Hkv, 1, 1);
    int64s("heads", 0, H, -1, D);
    tensor("scale", "float32", [], Float32Array.of(D ** -0.5));
  }

  node("Gather", [drawn("tokens", [V, C], 1), "input_ids"], ["token"]);
  node("Gather", [drawn("positions", [blockSize, C], 0.5), "position_ids"], ["position"]);
  let x = node("Add", ["token", "position"], ["x"]);
  for (let layer = 0; layer < layers; layer++) {
    const of = (name: string): string => `${layer}.${name}`;
    const normed = norm(x, of("norm"));
    const q = linear(normed, of("q"), C, H * D);
    const k = linear(normed, of("k"), C, Hkv * D);
    const v = linear(normed, of("v"), C, Hkv * D);
    const [pastKey, pastValue] = [`past_key_values.${layer}.key`, `past_key_values.${layer}.value`];
    const presents = [`present.${layer}.key`, `present.${layer}.value`];
    if (ordinary) {
      const heads = (value: string, shape: string): string => {
        node("Reshape", [value, shape], [`${value}.apart`]);
        return node("Transpose", [`${value}.apart`], [`${value}.heads`], {
          perm: { type: "ints", value: [0, 2, 1, 3] },
        });
      };
      const repeated = (value: string): string => {
        node("Unsqueeze", [value, "two"], [`${value}.5`]);
        node("Tile", [`${value}.5`, "repeat"], [`${value}.tiled`]);
        return node("Reshape", [`${value}.tiled`, "heads"], [`${value}.repeated`]);
      };
      node("Concat", [pastKey, heads(k, "apart.kv")], [presents[0]], { axis: int(2) });
      node("Concat", [pastValue, heads(v, "apart.kv")], [presents[1]], { axis: int(2) });
      const perm: OnnxAttribute = { type: "ints", value: [0, 1, 3, 2] };
      node("Transpose", [repeated(presents[0])], [of("k.turned")], { perm });
      node("MatMul", [heads(q, "apart.q"), of("k.turned")], [of("products")]);
      node("Mul", [of("products"), "scale"], [of("scaled")]);
      node("Add", [of("scaled"), bias], [of("scores")]);
      node("Softmax", [of("scores")], [of("weights")], { axis: int(-1) });
      node("MatMul", [of("weights"), repeated(presents[1])], [of("mixed")]);
      node("Transpose", [of("mixed")], [of("mixed.side")], { perm: { type: "ints", value: [0, 2, 1, 3] } });
      node("Reshape", [of("mixed.side"), "joined"], [of("attended")]);
    } else {
      const inputs = [q, k, v, pastKey, pastValue, "seqlens", "total", "", "", "", bias];
      const attributes = { num_heads: int(H), kv_num_heads: int(Hkv) };
      node("GroupQueryAttention", inputs, [of("attended"), ...presents], attributes, "com.microsoft");
    }
    const added = node("Add", [x, linear(of("attended"), of("o"), C, C)], [of("added")]);
    const up = linear(norm(added, of("norm2")), of("up"), C, 2 * C);
    const active = node("Relu", [up], [of("relu")]);
    x = node("Add", [added, linear(active, of("down"), 2 * C, C)], [of("out")]);
  }
  const last = norm(x, "last_hidden_state");
  node("Unsqueeze", ["num_logits_to_keep", int64s("first", 0)], ["keep"]);
  node("Neg", ["keep"], ["keep.from"]);
  int64s("end", 2 ** 40);
  node("Slice", [last, "keep.from", "end", "ones"], ["kept"]);
  linear("kept", "logits", C, V);

  const cache = (kind: string, length: string) =>
    Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
      ["key", "value"].map((part) => ({
        name: `${kind}.${layer}.${part}`,
        dataType: "float32" as const,
        shape: ["batch_size", Hkv, length, D],
      })),
    );
  const int64 = (name: string, ...shape: string[]) => ({ name, dataType: "int64" as const, shape });
  return {
    irVersion: 10,
    opsetImports: [
      { domain: "", version: 21 },
      { domain: "com.microsoft", version: 1 },
    ],
    producerName: "test",
    metadata: { block_size: String(blockSize) },
    graph: {
      name: "tiny",
      nodes,
      inputs: [
        int64("input_ids", "batch_size", "sequence_length"),
        int64("attention_mask", "batch_size", "total_sequence_length"),
        int64("position_ids", "batch_size", "sequence_length"),
        ...cache("past_key_values", "past_sequence_length"),
        int64("num_logits_to_keep"),
      ],
      outputs: [
        { name: "logits", dataType: "float32", shape: ["batch_size", "sequence_length", V] },
        ...(hidden
          ? [{ name: "last_hidden_state", dataType: "float32" as const, shape: ["batch_size", "sequence_length", C] }]
          : []),
        ...cache("present", "total_sequence_length"),
      ],
      initializers,
    },
  };
}
