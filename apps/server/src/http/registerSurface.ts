/**
 * What surrounds the routes of models: names of requests, the log, metrics, security, health and the API's description.
 */

import { MeasuredEngine, type MeasureOptions } from "../metrics/measuredEngine.ts";
import { ServerMetrics } from "../metrics/serverMetrics.ts";
import type { ServedModel } from "../model/servedModel.ts";
import type { AppContext } from "./appContext.ts";
import type { App } from "./buildApp.ts";
import { registerClientErrors } from "./clientErrors.ts";
import { registerOpenapi } from "./openapi/registerOpenapi.ts";
import { registerRequestIds } from "./requestId.ts";
import { registerRequestLog } from "./requestLog.ts";
import type { RequestReports } from "./requestReports.ts";
import { registerHealth } from "./routes/health.ts";
import { registerMetrics } from "./routes/metrics.ts";
import { registerApiKeys } from "./security/apiKeys.ts";
import { registerCors } from "./security/cors.ts";
import { registerHostGuard } from "./security/hostGuard.ts";
import { registerSecurityHeaders } from "./security/securityHeaders.ts";

/**
 * Registers it, before any other route.
 *
 * @returns the context for the other routes: what its models do is measured.
 */
export async function registerSurface(app: App, context: AppContext, reports: RequestReports): Promise<AppContext> {
  const { settings, models } = context;
  const metrics = new ServerMetrics(models);
  app.server.maxConnections = settings.maxConnections;
  app.removeContentTypeParser("text/plain");
  registerClientErrors(app);
  registerRequestIds(app);
  registerRequestLog(app, context, { reports, metrics });
  registerSecurityHeaders(app);
  if (settings.apiKeys.length === 0) registerHostGuard(app, settings.allowedHosts);
  await registerCors(app, settings.corsOrigins);
  registerApiKeys(app, settings.apiKeys);
  await registerOpenapi(app, context);
  registerHealth(app, context);
  registerMetrics(app, context, metrics);
  return { ...context, measured: measuring(metrics, reports, { keepTexts: settings.logTexts }) };
}

/** The same model each time, its engine measured. */
function measuring(
  metrics: ServerMetrics,
  reports: RequestReports,
  { keepTexts }: { keepTexts: boolean },
): (model: ServedModel) => ServedModel {
  const known = new WeakMap<ServedModel, ServedModel>();
  const options: MeasureOptions = {
    onBegin: (task) => reports.taskBegan(task),
    onOutcome: (outcome) => reports.taskEnded(outcome),
    keepTexts,
  };
  return (model) => {
    let measured = known.get(model);
    if (measured === undefined) {
      measured = { ...model, engine: new MeasuredEngine(model.engine, model.id, metrics, options) };
      known.set(model, measured);
    }
    return measured;
  };
}
