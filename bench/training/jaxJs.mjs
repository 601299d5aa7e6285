// jax-js: `node jaxJs.mjs DIR`, the folder whose node_modules has it. It answers requests as steps.mjs says.
//
// The whole step, AdamW included, is one jitted function. jax-js runs in Node on its WebAssembly backend, in one thread: it looks for the
// Worker of a browser. Every op takes its operands away from who has them; `.ref` keeps one for another use.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { answer } from "../inference/contestant.mjs";
import { readPeerFolder } from "./peerFolder.mjs";
import { peakMemory, timeSteps } from "./steps.mjs";

const peers = createRequire(join(process.argv[2], "package.json"));
const entry = peers.resolve("@jax-js/jax");
const { defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad } = await import(pathToFileURL(entry).href);
let take;

await answer({
  async open({ folder }) {
    await init("wasm");
    defaultDevice("wasm");
    take = steps(readPeerFolder(folder));
    const { version } = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8"));
    return { version: `jax-js ${version}, wasm` };
  },
  train: (request) => timeSteps(request, () => take()),
  memory: peakMemory,
  close: () => {},
});

/** A function that takes the next step. */
function steps({ config, weights, batch }) {
  const { batchSize, inputLength } = config;
  const arrayOf = ([name, { shape, data }]) => [name, np.array(data, { shape: [...shape] })];
  let params = Object.fromEntries([...weights].map(arrayOf));
  let m = tree.map((value) => np.zerosLike(value), tree.ref(params));
  let v = tree.map((value) => np.zerosLike(value), tree.ref(params));
  const update = jit(updateOf(config));
  let step = 0;
  return async () => {
    const { inputs, targets } = batch(step++);
    const ids = np.array(inputs, { shape: [batchSize, inputLength] });
    const corrections = [config.beta1, config.beta2].map((beta) => np.array(1 - beta ** step));
    let loss;
    [loss, params, m, v] = update(params, m, v, ids, np.array(targets), ...corrections);
    const [value] = await loss.data();
    return value;
  };
}

/** Loss, gradients, clipping and AdamW: from parameters and moments to the loss and those that follow. */
function updateOf(config) {
  const { learningRate, beta1, beta2, eps, weightDecay, gradClip } = config;
  const decayed = new Set(config.decayed);
  const lossAndGradients = valueAndGrad((params, ids, targets) => lossOf(config, params, ids, targets));
  return (params, m, v, ids, targets, correction1, correction2) => {
    const [loss, gradients] = lossAndGradients(tree.ref(params), ids, targets);
    const squares = Object.values(gradients).map((gradient) => np.sum(np.square(gradient.ref)));
    const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
    const scale = np.minimum(1, np.trueDivide(gradClip, norm.add(1e-6)));
    const next = { params: {}, m: {}, v: {} };
    for (const [name, gradient] of Object.entries(gradients)) {
      const clipped = gradient.mul(scale.ref);
      next.m[name] = m[name].mul(beta1).add(clipped.ref.mul(1 - beta1));
      next.v[name] = v[name].mul(beta2).add(np.square(clipped).mul(1 - beta2));
      const direction = next.m[name].ref
        .div(correction1.ref)
        .div(np.sqrt(next.v[name].ref.div(correction2.ref)).add(eps));
      const kept = decayed.has(name) ? params[name].mul(1 - learningRate * weightDecay) : params[name];
      next.params[name] = kept.sub(direction.mul(learningRate));
    }
    return [loss, next.params, next.m, next.v];
  };
}

function lossOf(config, params, ids, targets) {
  const { model, batchSize: B, blockSize: T, nEmbd: C, nHead: H, nLayer, vocabSize: V, normEps = 1e-5 } = config;
  const linear = (x, name) => {
    const y = np.matmul(x, np.matrixTranspose(params[`${name}.weight`]));
    const bias = params[`${name}.bias`];
    return bias === undefined ? y : y.add(bias);
  };
  const layerNorm = (x, name) => {
    const y = nn.standardize(x, -1, { epsilon: 1e-5 }).mul(params[`${name}.weight`]);
    const bias = params[`${name}.bias`];
    return bias === undefined ? y : y.add(bias);
  };
  const rmsNorm = (x, name) => {
    const square = np.mean(np.square(x.ref), -1, { keepdims: true });
    return x.div(np.sqrt(square.add(normEps))).mul(params[`${name}.weight`]);
  };
  const crossEntropy = (logits) => {
    const scores = nn.logSoftmax(logits, -1).reshape([-1, V]);
    return np.sum(nn.oneHot(targets, V).mul(scores)).mul(-1 / targets.size);
  };
  const heads = (x) => x.reshape([B, T, H, C / H]).transpose([0, 2, 1, 3]); // [B, H, T, D]
  // Its own dotProductAttention wants a Node that has iterator helpers, 22 or later.
  const attend = (q, k, v) => {
    const scores = np.matmul(q, np.matrixTranspose(k)).mul(1 / Math.sqrt(C / H)); // [B, H, T, T]
    const causal = np.tri(T, T, 0, { dtype: np.bool });
    const heard = np.matmul(nn.softmax(np.where(causal, scores, -1e9), -1), v); // [B, H, T, D]
    return heard.transpose([0, 2, 1, 3]).reshape([B, T, C]);
  };
  const table = params["tokenEmbedding.weight"];
  // By one-hot rows: the gradient of take cannot be jitted.
  const embedded = np.matmul(nn.oneHot(ids, V), model === "mlp" ? table : table.ref); // [B, T, C]

  if (model === "mlp") {
    return crossEntropy(linear(np.tanh(linear(embedded.reshape([B, T * C]), "hidden")), "output"));
  }
  const { cos, sin } = model === "llama" ? rotation(config) : {};
  const turned = (x) => {
    const [a, b] = np.split(x.ref, 2, -1);
    return x.mul(cos.ref).add(np.concatenate([b.neg(), a], -1).mul(sin.ref));
  };
  const blocks = {
    gpt(x, name) {
      const qkv = linear(layerNorm(x.ref, `${name}.norm1`), `${name}.attention.qkv`);
      const informed = x.add(linear(attend(...np.split(qkv, 3, -1).map(heads)), `${name}.attention.output`));
      const hidden = nn.gelu(linear(layerNorm(informed.ref, `${name}.norm2`), `${name}.mlp.expand`), {
        approximate: true,
      });
      return informed.add(linear(hidden, `${name}.mlp.project`));
    },
    llama(x, name) {
      const normed = rmsNorm(x.ref, `${name}.norm1`);
      const q = turned(heads(linear(normed.ref, `${name}.attention.query`)));
      const k = turned(heads(linear(normed.ref, `${name}.attention.key`)));
      const v = heads(linear(normed, `${name}.attention.value`));
      const informed = x.add(linear(attend(q, k, v), `${name}.attention.output`));
      const thinking = rmsNorm(informed.ref, `${name}.norm2`);
      const gate = nn.silu(linear(thinking.ref, `${name}.mlp.gate`));
      return informed.add(linear(gate.mul(linear(thinking, `${name}.mlp.up`)), `${name}.mlp.down`));
    },
  };
  let x = model === "gpt" ? embedded.add(params["positionEmbedding.weight"]) : embedded;
  for (let layer = 0; layer < nLayer; layer++) x = blocks[model](x, `blocks.${layer}`);
  const hidden = model === "gpt" ? layerNorm(x, "norm") : rmsNorm(x, "norm");
  return crossEntropy(np.matmul(hidden, np.matrixTranspose(table)));
}

/** Cosines and sines of the angle of each position and feature, `[T, D]`. */
function rotation({ blockSize: T, nEmbd, nHead, ropeTheta }) {
  const D = nEmbd / nHead;
  const angles = Array.from({ length: T * D }, (_, index) => {
    const pair = (index % D) % (D / 2);
    return Math.floor(index / D) * ropeTheta ** ((-2 * pair) / D);
  });
  const tableOf = (of) =>
    np.array(
      Float32Array.from(angles, (angle) => of(angle)),
      { shape: [T, D] },
    );
  return { cos: tableOf(Math.cos), sin: tableOf(Math.sin) };
}
