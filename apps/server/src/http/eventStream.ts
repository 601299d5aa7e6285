/**
 * Answers as server-sent events: `data: {...}` for each, `data: [DONE]` last.
 *
 * Events are made no faster than the client reads them. A stream that fails ends with `data: {"error": ...}`, without `[DONE]`.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */

import type { FastifyReply } from "fastify";
import { Readable } from "node:stream";
import { errorBody, httpErrorOf } from "./errors.ts";

/**
 * Answers with events. What fails before the first one is an error like any other, with its own status.
 *
 * @param slowReaderSeconds - The connection is cut where an event waits that long to be taken.
 * @throws what the events throw before the first one.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<object>,
  { slowReaderSeconds }: { slowReaderSeconds: number },
): Promise<FastifyReply> {
  const iterator = events[Symbol.asyncIterator]();
  const first = await iterator.next();
  const lines = async function* (): AsyncGenerator<string> {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield* watched(dataLine(next.value));
      yield* watched("data: [DONE]\n\n");
    } catch (error) {
      if (httpErrorOf(error).statusCode >= 500) reply.log.error({ err: error });
      yield* watched(dataLine(errorBody(httpErrorOf(error))));
    }
  };
  const watched = function* (line: string): Generator<string> {
    const timer = setTimeout(() => reply.raw.destroy(), slowReaderSeconds * 1000);
    try {
      yield line;
    } finally {
      clearTimeout(timer);
    }
  };
  reply.header("content-type", "text/event-stream; charset=utf-8");
  reply.header("cache-control", "no-cache");
  reply.header("x-accel-buffering", "no");
  const stream = Readable.from(lines(), { objectMode: true, highWaterMark: 1 });
  // Also where the client left before the stream began: what is never begun runs no `finally`.
  stream.once("close", () => iterator.return?.()?.catch(() => undefined));
  return reply.send(stream);
}

function dataLine(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
