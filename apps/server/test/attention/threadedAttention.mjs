/**
 * A program that looks at attention as it is built, in its thread: `node threadedAttention.mjs MODEL`. What happened is one JSON document
 * on standard output; the program ends by itself.
 */

const { AttentionThread } = await import(new URL("../../dist/attention/attentionThread.js", import.meta.url).href);

const thread = new AttentionThread(process.argv[2]);
const task = { requestId: "1", client: "a", tokens: [3] };
const { weights } = await thread.attention(task);
const [running, waiting] = [thread.attention(task), thread.attention(task)];
const closing = thread.close();
const codes = await Promise.all([running.then(() => "answered"), waiting.catch(({ code }) => code)]);
await closing;
process.stdout.write(JSON.stringify({ weights: [...weights], codes }));
