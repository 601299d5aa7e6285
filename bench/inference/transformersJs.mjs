// transformers.js, over the same ONNX model: `node transformersJs.mjs PEERS`, the folder whose node_modules has it.

import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { answer, timeTokens } from "./contestant.mjs";

const peer = createRequire(join(process.argv[2], "package.json"));
const { AutoModelForCausalLM, BaseStreamer, env, Tensor } = await import(
  pathToFileURL(peer.resolve("@huggingface/transformers")).href
);
let model;

/** Hands on each new token; what comes first is the prompt. */
class TokenStreamer extends BaseStreamer {
  #add;
  #isPrompt = true;

  constructor(add) {
    super();
    this.#add = add;
  }

  put([ids]) {
    if (!this.#isPrompt) this.#add(Number(ids.at(-1)));
    this.#isPrompt = false;
  }

  end() {}
}

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
        streamer: new TokenStreamer(add),
      }),
    );
  },
  async close() {
    await model?.dispose();
  },
});
