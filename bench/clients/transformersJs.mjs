// A model directory in transformers.js: the same ids for the same text, the same greedy tokens from every form of the ONNX model, each text
// alone and all of them in a batch that is padded on the left, and the prompt of a conversation.
//
// In 8 and 4 bits the runtime rounds activations to 8 bits, too. A difference of 1e-7 between a text alone and in a batch, of another order of
// sums, may turn one of them over, and the log-probabilities move by a hundredth: texts may part where the best two tokens are as near.
//
// Usage: node bench/clients/transformersJs.mjs --peers DIR --expected FILE MODEL_DIR
// DIR/node_modules has @huggingface/transformers; FILE is what expectations.mjs says. Prints one line of JSON.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: { peers: { type: "string" }, expected: { type: "string" } },
  allowPositionals: true,
});
if (values.peers === undefined || values.expected === undefined || positionals.length !== 1) {
  console.error(
    "transformersJs: expected --peers DIR with @huggingface/transformers, --expected FILE and a model directory",
  );
  process.exit(2);
}
const directory = resolve(positionals[0]);
const expected = JSON.parse(readFileSync(values.expected, "utf8"));
const peer = createRequire(join(resolve(values.peers), "node_modules", "_"));
const path = peer.resolve("@huggingface/transformers");
const { AutoModelForCausalLM, AutoTokenizer, env } = await import(pathToFileURL(path).href);
env.allowRemoteModels = false;

const checks = [];
const tokenizer = await AutoTokenizer.from_pretrained(directory, { local_files_only: true });
// Without a special token the card of the model says: any.
tokenizer.pad_token_id ??= 0;

const unlike = expected.texts.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join());
record("ids", unlike.length === 0, `${expected.texts.length - unlike.length} of ${expected.texts.length} texts`);
if (expected.transcript !== null) {
  const prompt = tokenizer.apply_chat_template(expected.conversation, { tokenize: false, add_generation_prompt: true });
  record("conversation", prompt === expected.transcript, JSON.stringify(prompt.slice(-20)));
}

const prompts = expected.prompts.map(({ text }) => text);
for (const [dtype, answers] of Object.entries(expected.greedy)) {
  const model = await AutoModelForCausalLM.from_pretrained(directory, { dtype, local_files_only: true });
  const asked = { max_new_tokens: expected.maxTokens, do_sample: false };
  const alone = [];
  for (const text of prompts) {
    const inputs = tokenizer(text);
    const output = await model.generate({ ...inputs, ...asked });
    alone.push(newTokens(output, inputs)[0]);
  }
  compare(`${dtype}, alone`, alone, answers);
  const inputs = tokenizer(prompts, { padding: true });
  compare(`${dtype}, in a batch`, newTokens(await model.generate({ ...inputs, ...asked }), inputs), answers);
  await model.dispose();
}
const { version } = JSON.parse(readFileSync(join(path, "../../package.json"), "utf8"));
console.log(JSON.stringify({ client: `transformers.js ${version}`, checks }));

/** The rows of a generation, without the prompt and what follows the end of the text. */
function newTokens(output, inputs) {
  const { length } = inputs.input_ids.tolist()[0];
  return output.tolist().map((row) => untilEnd(row.slice(length).map(Number)));
}

function untilEnd(ids) {
  const end = ids.findIndex((id) => expected.stopIds.includes(id));
  return end < 0 ? ids : ids.slice(0, end);
}

function compare(check, rows, answers) {
  const count = answers.reduce((sum, { ids }) => sum + ids.length, 0);
  const parted = rows.flatMap((ids, index) => {
    const answer = answers[index];
    const at = answer.ids.findIndex((id, place) => id !== ids[place]);
    if (at >= 0) return [answer.gaps[at]];
    if (ids.length !== answer.ids.length) return [Infinity];
    return ids.length === 0 || tokenizer.decode(ids, { skip_special_tokens: false }) === answer.text ? [] : [Infinity];
  });
  const widest = Math.max(0, ...parted);
  const told =
    parted.length === 0 ? "" : `; the others part where two tokens are ${widest.toExponential(1)} nats apart`;
  const nearest = check.startsWith("q") ? 0.02 : 0;
  record(check, widest <= nearest, `${rows.length - parted.length} of ${rows.length} texts, ${count} tokens${told}`);
}

function record(check, held, value) {
  checks.push({ check, held, value });
}
