/**
 * What becomes of requests: a count of each in the metrics, and a line of each in the log, once it is answered or its client is gone.
 *
 * The log says what was asked of which model and what it came to, but neither prompt nor answer, unless the operator wants them there.
 * URLs, headers and keys are never there.
 */

import type { FastifyReply, FastifyRequest } from "fastify";
import { finished } from "node:stream";
import type { TaskOutcome } from "../metrics/measuredEngine.ts";
import type { ServerMetrics } from "../metrics/serverMetrics.ts";
import type { AppContext } from "./appContext.ts";
import type { App } from "./buildApp.ts";
import { clientOf } from "./client.ts";
import type { RequestReports } from "./requestReports.ts";

/** Counts and logs requests from now on: probes at level "debug", failures of ours at "error", all others at "info". */
export function registerRequestLog(
  app: App,
  context: AppContext,
  { reports, metrics }: { reports: RequestReports; metrics: ServerMetrics },
): void {
  app.addHook("onRequest", async (request, reply) => {
    reports.begin(request.id);
    finished(reply.raw, (error) => {
      const { method, route, status } = answered(request, reply);
      metrics.httpRequests.inc({ method, route, status });
      const ms = Math.round(reply.elapsedTime);
      const level = request.routeOptions.config.open === true ? "debug" : status >= 500 ? "error" : "info";
      reports.end(request.id, (outcomes) => {
        const line = {
          client: clientOf(context, request),
          method,
          route,
          status,
          ms,
          ...(error instanceof Error && { clientGone: true }),
          ...summed(outcomes),
          ...(context.settings.logTexts && { texts: outcomes.map((outcome) => textsOf(outcome, context)) }),
        };
        request.log[level](line, "request");
      });
    });
  });
}

/** The pattern of a route, never the URL; the status that was sent, or 499, as nginx says, where the client left before. */
function answered({ method, routeOptions }: FastifyRequest, { raw }: FastifyReply) {
  return { method, route: routeOptions.url ?? "none", status: raw.headersSent ? raw.statusCode : 499 };
}

/** Model, tokens and ends of a request's tasks; nothing for a request without any. */
function summed(outcomes: readonly TaskOutcome[]): object {
  const [first] = outcomes;
  if (first === undefined) return {};
  return {
    model: first.model,
    promptTokens: outcomes.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    completionTokens: outcomes.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
    finishReason: [...new Set(outcomes.map(({ reason }) => reason))].join(","),
  };
}

function textsOf({ task, model, text }: TaskOutcome, { models }: AppContext): object {
  return { prompt: models.get(model)?.tokenizer.decode(task.prompt), answer: text };
}
