// The models in TensorFlow.js's own ops, for each of its backends. The wasm backend has no gradient of gather: there an embedding is a
// product with one-hot rows.

/**
 * The loss of a model.
 *
 * @param tf - TensorFlow.js.
 * @param config - As in config.json.
 * @param weight - Gives a weight by its name, undefined where there is none.
 * @param {{ oneHot: boolean }} options - Whether embeddings are products.
 * @returns a function of `inputs` `[B, T]` and `targets` `[B * T]` or `[B]`
 */
export function lossOf(tf, config, weight, { oneHot }) {
  const { model, blockSize: T, nEmbd: C, nHead: H, nLayer, vocabSize: V, normEps = 1e-5 } = config;

  const embed = (ids) => {
    const table = weight("tokenEmbedding.weight");
    if (!oneHot) return tf.gather(table, ids);
    return tf.matMul(tf.oneHot(ids.flatten(), V), table).reshape([...ids.shape, C]);
  };
  /** `x` is `[rows, in]`, the weight `[out, in]`. */
  const linear = (x, name) => {
    const bias = weight(`${name}.bias`);
    const y = tf.matMul(x, weight(`${name}.weight`), false, true); // [rows, out]
    return bias === undefined ? y : y.add(bias);
  };
  const layerNorm = (x, name) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const y = x
      .sub(mean)
      .mul(variance.add(1e-5).rsqrt())
      .mul(weight(`${name}.weight`));
    const bias = weight(`${name}.bias`);
    return bias === undefined ? y : y.add(bias);
  };
  const rmsNorm = (x, name) => x.mul(x.square().mean(-1, true).add(normEps).rsqrt()).mul(weight(`${name}.weight`));
  const gelu = (x) => {
    const inner = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return x.mul(inner.tanh().add(1)).mul(0.5);
  };
  const crossEntropy = (logits, targets) => {
    const scores = tf.logSoftmax(logits); // [rows, V]
    return tf.neg(tf.sum(tf.oneHot(targets, V).mul(scores))).div(targets.size);
  };
  const heads = (x) => x.reshape([-1, T, H, C / H]).transpose([0, 2, 1, 3]); // [B, H, T, D]
  // What a token must not hear: -1e9 above the diagonal.
  const mask = tf.keep(
    tf.tensor2d(
      Float32Array.from({ length: T * T }, (_, index) => (index % T > Math.floor(index / T) ? -1e9 : 0)),
      [T, T],
    ),
  );
  const attend = (q, k, v) => {
    const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(C / H)); // [B, H, T, T]
    const heard = tf.matMul(tf.softmax(scores.add(mask)), v); // [B, H, T, D]
    return heard.transpose([0, 2, 1, 3]).reshape([-1, C]); // [B * T, C]
  };

  if (model === "mlp") {
    return (inputs, targets) => {
      const context = embed(inputs).reshape([-1, T * C]);
      return crossEntropy(linear(linear(context, "hidden").tanh(), "output"), targets);
    };
  }
  if (model === "gpt") {
    const block = (x, name) => {
      const [q, k, v] = tf.split(linear(layerNorm(x, `${name}.norm1`), `${name}.attention.qkv`), 3, 1).map(heads);
      const informed = x.add(linear(attend(q, k, v), `${name}.attention.output`));
      const hidden = gelu(linear(layerNorm(informed, `${name}.norm2`), `${name}.mlp.expand`));
      return informed.add(linear(hidden, `${name}.mlp.project`));
    };
    return (inputs, targets) => {
      let x = embed(inputs).add(weight("positionEmbedding.weight")).reshape([-1, C]); // [B * T, C]
      for (let layer = 0; layer < nLayer; layer++) x = block(x, `blocks.${layer}`);
      const logits = tf.matMul(layerNorm(x, "norm"), weight("tokenEmbedding.weight"), false, true);
      return crossEntropy(logits, targets);
    };
  }
  const { cos, sin } = rotation(tf, config);
  const turned = (x) => {
    const [a, b] = tf.split(x, 2, -1);
    return x.mul(cos).add(tf.concat([b.neg(), a], -1).mul(sin));
  };
  const block = (x, name) => {
    const normed = rmsNorm(x, `${name}.norm1`);
    const [q, k, v] = ["query", "key", "value"].map((part) => heads(linear(normed, `${name}.attention.${part}`)));
    const informed = x.add(linear(attend(turned(q), turned(k), v), `${name}.attention.output`));
    const thinking = rmsNorm(informed, `${name}.norm2`);
    const gate = linear(thinking, `${name}.mlp.gate`);
    const hidden = gate.mul(gate.sigmoid()).mul(linear(thinking, `${name}.mlp.up`));
    return informed.add(linear(hidden, `${name}.mlp.down`));
  };
  return (inputs, targets) => {
    let x = embed(inputs).reshape([-1, C]); // [B * T, C]
    for (let layer = 0; layer < nLayer; layer++) x = block(x, `blocks.${layer}`);
    const logits = tf.matMul(rmsNorm(x, "norm"), weight("tokenEmbedding.weight"), false, true);
    return crossEntropy(logits, targets);
  };
}

/** Cosines and sines of the angle of each position and feature, `[T, D]`. */
function rotation(tf, { blockSize: T, nEmbd, nHead, ropeTheta }) {
  const D = nEmbd / nHead;
  const angles = Array.from({ length: T * D }, (_, index) => {
    const pair = (index % D) % (D / 2);
    return Math.floor(index / D) * ropeTheta ** ((-2 * pair) / D);
  });
  const table = (of) => tf.keep(tf.tensor2d(Float32Array.from(angles, of), [T, D]));
  return { cos: table((angle) => Math.cos(angle)), sin: table((angle) => Math.sin(angle)) };
}
