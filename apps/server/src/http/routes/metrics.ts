/**
 * `GET /metrics`: the server's metrics in Prometheus's text format. It names models and tells of the load, so it needs a key where
 * there are keys, unless the operator makes it public.
 */

import { Registry } from "prom-client";
import type { ServerMetrics } from "../../metrics/serverMetrics.ts";
import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";

export function registerMetrics(app: App, { settings, clusterMetrics }: AppContext, metrics: ServerMetrics): void {
  clusterMetrics?.share(() => metrics.snapshot());
  const schema = { summary: "Tells Prometheus the metrics.", tags: ["operation"], produces: ["text/plain"] };
  app.get("/metrics", { config: { open: settings.publicMetrics }, schema }, async (_request, reply) => {
    reply.type(Registry.PROMETHEUS_CONTENT_TYPE);
    return (clusterMetrics ?? metrics).text();
  });
}
