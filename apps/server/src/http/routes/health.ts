/**
 * `GET /health`, `/health/live`, `/health/ready`, `/ping` and `/version`: whether this server lives, whether it takes requests, and
 * what it is. Never behind a key, and answered on the event loop, which inference does not hold: whatever the load.
 *
 * `/health` and `/ping` are vLLM's: 200 when requests are taken, 503 while models load and while the server drains; `/health/ready` is
 * the same for a readiness probe, `/health/live` is 200 as long as the process answers at all.
 */

import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { HttpError } from "../errors.ts";
import { version } from "../version.ts";

export function registerHealth(app: App, { isReady }: AppContext): void {
  const open = (summary: string) => ({ config: { open: true }, schema: { summary, tags: ["operation"] } });
  const readiness = open("Tells whether requests are taken.");
  const ready = () => {
    if (!isReady()) throw new HttpError(503, "the server is starting or shutting down", { code: "unavailable" });
    return { status: "ok" };
  };
  app.get("/health", readiness, ready);
  app.get("/health/ready", readiness, ready);
  app.get("/health/live", open("Tells that the process answers."), () => ({ status: "ok" }));
  app.get("/ping", readiness, ready);
  app.post("/ping", readiness, ready);
  app.get("/version", open("Tells the version of the server."), () => ({ version }));
}
