/**
 * How the HTTP server itself is bounded, before any route: sizes, times, names of requests.
 *
 * | what | bound | beyond it |
 * |---|---|---|
 * | line and headers | 16 KiB | 431 |
 * | time until the headers are there | 10 s, or the time below if that is shorter | 408 |
 * | time until the body is there | `arrivalTimeoutSeconds` | 408 |
 * | body | `maxBodyBytes` | 413 |
 * | connections | `maxConnections` | closed |
 * | time that an idle connection is kept | 72 s, more than the 60 s of usual load balancers | closed |
 */

import { type FastifyBaseLogger, type FastifyHttpOptions, LogController, type RawServerDefault } from "fastify";
import type { AppContext } from "./appContext.ts";
import { answerClientError } from "./clientErrors.ts";
import { sendError } from "./errors.ts";
import type { RequestReports } from "./requestReports.ts";
import { requestIdOf } from "./requestId.ts";
import { ajvOptions } from "./schemaErrors.ts";

const maxHeaderBytes = 16 << 10;
const headersTimeoutSeconds = 10;

export function serverOptions(
  { settings, log }: AppContext,
  reports: RequestReports,
): FastifyHttpOptions<RawServerDefault, FastifyBaseLogger> {
  const arrivalTimeout = settings.arrivalTimeoutSeconds * 1000;
  const headersTimeout = Math.min(headersTimeoutSeconds * 1000, arrivalTimeout);
  return {
    http: {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout,
      requestTimeout: arrivalTimeout,
      connectionsCheckingInterval: Math.min(1000, headersTimeout / 2),
    },
    requestTimeout: arrivalTimeout,
    bodyLimit: settings.maxBodyBytes,
    routerOptions: { maxParamLength: 512 },
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    trustProxy: settings.trustedProxies.length > 0 && [...settings.trustedProxies],
    genReqId: (request) => requestIdOf(request, (id) => reports.isRunning(id)),
    ajv: { customOptions: ajvOptions },
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "id" }),
    ...(log !== undefined && { loggerInstance: log }),
  };
}
