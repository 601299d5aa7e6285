/**
 * A program that uses engines as they are built, with their threads: `node threadedEngine.mjs MODEL TOKENIZER BINDING...`. What happened,
 * with each binding and with a model that is not there, is one JSON document on standard output.
 */

import { openEngine } from "@llm-learning/server";

const [modelFile, tokenizerFile, ...bindings] = process.argv.slice(2);
const task = { requestId: "", client: "one", prompt: [72, 101, 108], choice: { temperature: 1 } };

const outcomes = [];
for (const binding of bindings) outcomes.push(await outcomeOf(binding));
const refusal = await openEngine({ modelFile: `${modelFile}.none`, tokenizerFile }).catch(({ message }) => message);
process.stdout.write(JSON.stringify({ outcomes, refusal }));

async function outcomeOf(binding) {
  const engine = await openEngine({ modelFile, tokenizerFile, binding, threads: 2, slots: 4 });
  const texts = await Promise.all(
    [1, 2, 2, 3, 4, 5].map(async (seed) => {
      let text = "";
      for await (const event of engine.generate({ ...task, maxTokens: 20, seed })) text += event.text ?? "";
      return text;
    }),
  );
  const embedding = await engine.embed(task);

  // Idle threads are to sleep.
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { user, system } = process.cpuUsage(before);

  // One is cancelled, one runs, one waits when the engine is closed.
  const [cancelled, running] = [7, 8].map((seed) => engine.generate({ ...task, maxTokens: 90, seed }));
  await Promise.all([cancelled.next(), running.next()]);
  await cancelled.return();
  const closing = engine.close();
  const ends = await Promise.all([running, engine.generate({ ...task, maxTokens: 1, seed: 0 })].map(endOf));
  await closing;
  const idleMilliseconds = (user + system) / 1000;
  return { texts, embeddingSize: embedding.length, idleMilliseconds, ends, stats: engine.stats() };
}

async function endOf(events) {
  try {
    for await (const event of events) if (event.type === "end") return event.reason;
    return "nothing";
  } catch (error) {
    return `${error.name}: ${error.code}`;
  }
}
