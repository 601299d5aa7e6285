/**
 * What is no request, or no whole one: answered in OpenAI's shape, and the connection closed.
 */

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { App } from "./buildApp.ts";
import { errorBody, HttpError } from "./errors.ts";

/** The last answer on each connection. */
const answers = new WeakMap<Socket, ServerResponse>();

/** Remembers which connections have an answer on them, for {@link answerClientError}. */
export function registerClientErrors(app: App): void {
  app.addHook("onRequest", async ({ raw: { socket } }, reply) => {
    answers.set(socket, reply.raw);
  });
}

/** Nothing is written into the middle of another answer: then the connection is only closed. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  const answer = answers.get(socket);
  if (!socket.writable || (answer?.headersSent === true && !answer.writableFinished)) {
    socket.destroy();
    return;
  }
  const told = httpErrorOf(error.code);
  const body = JSON.stringify(errorBody(told));
  socket.end(
    `HTTP/1.1 ${told.statusCode} ${phrases[told.statusCode]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  // What is still being sent is of no interest: without this the connection stays half open as long as the client likes.
  socket.destroySoon();
}

const phrases: Record<number, string> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

function httpErrorOf(code: string | undefined): HttpError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new HttpError(408, "the request took too long to arrive");
  if (code === "HPE_HEADER_OVERFLOW") return new HttpError(431, "the headers are larger than 16 KiB");
  return new HttpError(400, "this is no HTTP request");
}
