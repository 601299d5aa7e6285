// A program that generates, in a process of its own that answers requests of one JSON document a line:
//
//   {"do": "open", "folder", "form", "threads"}   -> {"version"}
//   {"do": "generate", "prompt", "count"}          -> {"tokens", "prefill", "decode"}: greedy tokens, seconds to the first, seconds for the others
//   {"do": "close"}                                -> {}

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * @param {string} name - For messages.
 * @param {readonly [program: string, ...arguments: string[]]} command
 */
export function startContestant(name, [program, ...parameters]) {
  const child = spawn(program, parameters, { stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (data) => (complaints = `${complaints}${data}`.slice(-2000)));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    name,
    pid: child.pid,
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      for (;;) {
        const { value, done } = await lines.next();
        if (done)
          throw new Error(`${name}: expected an answer to ${request.do}, got the end of the process\n${complaints}`);
        if (!value.startsWith("{")) continue;
        const { error, ...answer } = JSON.parse(value);
        if (error !== undefined) throw new Error(`${name}: ${error}`);
        return answer;
      }
    },
    async close() {
      child.stdin.end();
      await new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve()));
    },
  };
}

/** The other end: answers the requests on standard input by `actions`. */
export async function answer(actions) {
  for await (const line of createInterface(process.stdin)) {
    const { do: action, ...request } = JSON.parse(line);
    let result;
    try {
      result = await actions[action](request);
    } catch (error) {
      result = { error: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify(result ?? {})}\n`);
  }
}

/**
 * Times the tokens that `work` hands to its argument.
 *
 * @param {(add: (token: number) => void) => Promise<unknown>} work
 */
export async function timeTokens(work) {
  const tokens = [];
  const times = [];
  const start = performance.now();
  await work((token) => {
    times.push(performance.now());
    tokens.push(token);
  });
  return { tokens, prefill: (times[0] - start) / 1000, decode: (times.at(-1) - times[0]) / 1000 };
}
