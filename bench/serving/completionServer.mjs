// The part of the OpenAI API that the measurements use, over a program that has none: streamed completions of token ids.

import { createServer } from "node:http";
import { json } from "node:stream/consumers";

/**
 * Serves on a free port of this machine, and prints a line when it is ready, as llm-serve does.
 *
 * @param {{ version: string, generate: (prompt: number[], count: number) => AsyncIterable<{ token: number, text: string }> }} program
 */
export async function serveCompletions({ version, generate }) {
  const server = createServer(async (request, response) => {
    if (request.url === "/health") return response.end("{}");
    const { prompt, max_tokens: count } = await json(request);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (document) => response.write(`data: ${JSON.stringify(document)}\n\n`);
    try {
      for await (const { token, text } of generate(prompt, count)) {
        send({
          id: "cmpl",
          object: "text_completion",
          choices: [{ index: 0, text, token_ids: [token], finish_reason: null }],
        });
      }
    } catch (error) {
      send({ error: { message: error instanceof Error ? error.message : String(error) } });
    }
    response.end("data: [DONE]\n\n");
  });
  server.listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ msg: "ready", url: `http://127.0.0.1:${server.address().port}`, version }));
  });
}
