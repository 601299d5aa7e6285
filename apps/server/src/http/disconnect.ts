/**
 * The end of interest: a signal that a client went away before it had its answer.
 */

import type { FastifyReply } from "fastify";
import { HttpError } from "./errors.ts";

/**
 * Aborts when the connection closes before the answer is complete. (A request's own "close" says that its body was read, so the
 * response is what to watch.)
 */
export function disconnectSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const leave = (): void => {
    if (!raw.writableFinished) controller.abort(new HttpError(499, "the client went away"));
  };
  if (raw.destroyed) leave();
  else raw.once("close", leave);
  return controller.signal;
}
