// Generates with one exported decoder in every way that there is: through the C API of ONNX Runtime and through onnxruntime-node, with the
// cache in place and written anew, on one thread and on all. Greedy tokens must be equal; prints tokens/s of the median step and ms
// of the prompt, for each context.
//
//   node bench/inference/bindings.mjs --model DIR/onnx/model.onnx [--contexts 64,512,2000] [--tokens 16] [--blocks 3] [--profile]
//
// With --profile, where the time of a step goes, by operator, on the C API with the cache in place.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { causalLMSignature, decodeModel, Generator } from "@llm-learning/onnx";
import { openSession, runtimeInfo } from "@llm-learning/onnx/node";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    contexts: { type: "string", default: "64,512,2000" },
    tokens: { type: "string", default: "16" },
    blocks: { type: "string", default: "3" },
    profile: { type: "boolean", default: false },
  },
});
if (values.model === undefined) throw new Error("expected --model, an exported model.onnx");
const contexts = values.contexts.split(",").map(Number);
const [maxTokens, blocks] = [Number(values.tokens), Number(values.blocks)];
const cores = availableParallelism();
const signature = causalLMSignature(decodeModel(await readFile(values.model)));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const ways = ["native", "node"].flatMap((binding) =>
  (signature.cacheInPlace ? [true, false] : [false]).flatMap((inPlace) =>
    [...new Set([1, cores])].map((threads) => ({ binding, inPlace, threads, times: new Map() })),
  ),
);

async function generate(generator, context) {
  const prompt = Array.from({ length: context }, (_, i) => (i * 7919 + 13) % signature.vocabSize);
  const steps = [];
  const tokens = [];
  let last = performance.now();
  for await (const { token } of generator.stream([prompt], { maxTokens })) {
    const now = performance.now();
    steps.push(now - last);
    last = now;
    tokens.push(token);
  }
  return { tokens, prefill: steps[0], step: median(steps.slice(1)) };
}

if (values.profile) {
  const directory = await mkdtemp(join(tmpdir(), "bindings-"));
  const profile = join(directory, "trace");
  const session = await openSession(values.model, { binding: "native", threads: cores, profile });
  await generate(new Generator(session, signature), contexts[0]);
  await session.dispose();
  const [file] = await readdir(directory);
  const events = JSON.parse(await readFile(join(directory, file), "utf8"));
  await rm(directory, { recursive: true });
  const runs = events.filter(({ name }) => name === "model_run").slice(1);
  const byOperator = new Map();
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== "Node" || !name.endsWith("kernel_time") || ts < runs[0].ts) continue;
    byOperator.set(args.op_name, (byOperator.get(args.op_name) ?? 0) + dur / runs.length);
  }
  console.log(`a step behind ${contexts[0]} tokens: ${median(runs.map(({ dur }) => dur))} us, of which`);
  for (const [name, us] of [...byOperator].sort((a, b) => b[1] - a[1])) console.log(`  ${name} ${us.toFixed(0)} us`);
} else {
  console.log(`${values.model}, ONNX Runtime ${(await runtimeInfo()).version}, ${cpus()[0].model}, ${cores} cores`);
  for (const way of ways) {
    way.session = await openSession(values.model, { binding: way.binding, threads: way.threads });
    way.generator = new Generator(way.session, { ...signature, cacheInPlace: way.inPlace });
  }
  for (const context of contexts) {
    let expected;
    for (let block = 0; block < blocks; block++) {
      for (const way of ways) {
        const { tokens, prefill, step } = await generate(way.generator, context);
        expected ??= String(tokens);
        if (String(tokens) !== expected) throw new Error(`expected ${expected}, got ${tokens} (${way.binding})`);
        const times = way.times.get(context) ?? { prefill: [], step: [] };
        times.prefill.push(prefill);
        times.step.push(step);
        way.times.set(context, times);
      }
    }
  }
  for (const { binding, inPlace, threads, times, session } of ways) {
    const columns = [...times].map(([context, { prefill, step }]) => {
      const perSecond = (1000 / median(step)).toFixed(0);
      return `${context}: ${perSecond.padStart(4)} tokens/s, prompt ${median(prefill).toFixed(0).padStart(5)} ms`;
    });
    console.log([`${binding} ${inPlace ? "in place" : "anew"}, ${threads} threads`.padEnd(28), ...columns].join("  "));
    await session.dispose();
  }
}
