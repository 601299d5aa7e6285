// transformers.js behind completions, one after the other: it has no batches that requests could join.
//
//   node transformersJs.mjs PEERS MODEL_DIR FORM THREADS

import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { tokenStreamer } from "../inference/tokenStreamer.mjs";
import { serveCompletions } from "./completionServer.mjs";

const [peers, folder, form, threads] = process.argv.slice(2);
const peer = createRequire(join(peers, "package.json"));
const { AutoModelForCausalLM, AutoTokenizer, BaseStreamer, env, Tensor } = await import(
  pathToFileURL(peer.resolve("@huggingface/transformers")).href
);
env.allowRemoteModels = false;
env.localModelPath = dirname(folder);
const tokenizer = await AutoTokenizer.from_pretrained(basename(folder));
const model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
  dtype: form,
  session_options: { intraOpNumThreads: Number(threads), interOpNumThreads: 1 },
});

let last = Promise.resolve();

await serveCompletions({
  version: env.version,
  async *generate(prompt, count) {
    const turn = last;
    let finish;
    last = new Promise((resolve) => (finish = resolve));
    await turn;
    const tokens = [];
    let wake;
    const work = model
      .generate({
        input_ids: new Tensor("int64", BigInt64Array.from(prompt, BigInt), [1, prompt.length]),
        attention_mask: new Tensor("int64", new BigInt64Array(prompt.length).fill(1n), [1, prompt.length]),
        max_new_tokens: count,
        min_new_tokens: count,
        do_sample: false,
        streamer: tokenStreamer(BaseStreamer, (token) => {
          tokens.push(token);
          wake?.();
        }),
      })
      .finally(finish);
    for (let index = 0; index < count; index++) {
      while (tokens.length <= index) await Promise.race([new Promise((resolve) => (wake = resolve)), work]);
      yield { token: tokens[index], text: tokenizer.decode([tokens[index]]) };
    }
    await work;
  },
});
