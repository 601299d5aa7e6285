// transformers.js, over the same ONNX model: `node transformersJs.mjs PEERS`, the folder whose node_modules has it.

import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { answer, timeTokens } from "./contestant.mjs";
import { tokenStreamer } from "./tokenStreamer.mjs";

const peer = createRequire(join(process.argv[2], "package.json"));
const { AutoModelForCausalLM, BaseStreamer, env, Tensor } = await import(
  pathToFileURL(peer.resolve("@huggingface/transformers")).href
);
let model;

await answer({
  async open({ folder, form, threads }) {
    await model?.dispose();
    env.allowRemoteModels = false;
    env.localModelPath = dirname(folder);
    model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
      dtype: form,
      session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
    });
    return { version: env.version };
  },
  async generate({ prompt, count }) {
    const input_ids = new Tensor("int64", BigInt64Array.from(prompt, BigInt), [1, prompt.length]);
    const attention_mask = new Tensor("int64", new BigInt64Array(prompt.length).fill(1n), [1, prompt.length]);
    return timeTokens((add) =>
      model.generate({
        input_ids,
        attention_mask,
        max_new_tokens: count,
        do_sample: false,
        streamer: tokenStreamer(BaseStreamer, add),
      }),
    );
  },
  async close() {
    await model?.dispose();
  },
});
