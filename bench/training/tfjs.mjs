// TensorFlow.js: `node tfjs.mjs DIR node|wasm`, the folder whose node_modules has it. It answers requests as steps.mjs says.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { answer } from "../inference/contestant.mjs";
import { readPeerFolder } from "./peerFolder.mjs";
import { peakMemory, timeSteps } from "./steps.mjs";
import { lossOf } from "./tfjsModels.mjs";

const [folder, backend] = process.argv.slice(2);
const peers = createRequire(join(folder, "package.json"));
let tf;
let take;

await answer({
  async open({ folder, threads }) {
    const version = await openBackend(threads);
    take = steps(readPeerFolder(folder));
    return { version };
  },
  train: (request) => timeSteps(request, () => take()),
  memory: peakMemory,
  close: () => {},
});

async function openBackend(threads) {
  if (backend === "node") {
    // Read when TensorFlow starts its threads.
    process.env.TF_NUM_INTRAOP_THREADS = String(threads);
    process.env.TF_CPP_MIN_LOG_LEVEL = "2";
    // TensorFlow.js still calls it, and Node 23 and later no longer have it.
    const util = peers("node:util");
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    tf = peers("@tensorflow/tfjs-node");
    return `tfjs-node ${tf.version["tfjs-node"] ?? tf.version_core} on TensorFlow ${tf.backend().binding?.TF_Version ?? "?"}`;
  }
  tf = peers("@tensorflow/tfjs");
  const wasm = peers("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${dirname(peers.resolve("@tensorflow/tfjs-backend-wasm/package.json"))}/wasm-out/`);
  await tf.setBackend("wasm");
  return `tfjs-backend-wasm ${wasm.version_wasm}`;
}

/** A function that takes the next step. AdamW is TensorFlow.js's Adam behind a decay of the weights. */
function steps({ config, weights, batch }) {
  const { learningRate, beta1, beta2, eps, weightDecay, gradClip, batchSize, inputLength, decayed } = config;
  const variables = new Map(
    [...weights].map(([name, { shape, data }]) => [name, tf.variable(tf.tensor(data, shape), true, name)]),
  );
  const loss = lossOf(tf, config, (name) => variables.get(name), { oneHot: backend === "wasm" });
  const optimizer = tf.train.adam(learningRate, beta1, beta2, eps);
  let step = 0;
  return () => {
    const { inputs, targets } = batch(step++);
    return tf.tidy(() => {
      const ids = tf.tensor2d(inputs, [batchSize, inputLength], "int32");
      const { value, grads } = tf.variableGrads(() => loss(ids, tf.tensor1d(targets, "int32")));
      const norm = tf.addN(Object.values(grads).map((gradient) => tf.sum(gradient.square()))).sqrt();
      const scale = tf.minimum(1, tf.div(gradClip, norm.add(1e-6)));
      const clipped = Object.entries(grads).map(([name, gradient]) => [name, gradient.mul(scale)]);
      for (const name of decayed) variables.get(name).assign(variables.get(name).mul(1 - learningRate * weightDecay));
      optimizer.applyGradients(Object.fromEntries(clipped));
      return value.dataSync()[0];
    });
  };
}
