/**
 * The guard against DNS rebinding: a page whose name is made to point at 127.0.0.1 speaks to a server there as to its own origin, but
 * cannot help sending its own name as `Host`.
 *
 * With keys there is nothing to guard, since such a page has none; and a container is addressed by names that it does not know.
 * Open routes answer whatever the name, since probes call by address.
 */

import type { App } from "../buildApp.ts";
import { HttpError } from "../errors.ts";

/** Refuses with 403 what is addressed neither to this machine nor to one of `names`. */
export function registerHostGuard(app: App, names: readonly string[]): void {
  const allowed = new Set(names.map((name) => name.toLowerCase()));
  app.addHook("onRequest", async (request) => {
    if (request.routeOptions.config.open === true) return;
    const name = hostName(request.headers.host ?? "");
    if (isLocal(name) || allowed.has(name)) return;
    throw new HttpError(
      403,
      `the host ${JSON.stringify(name)} is not served without a key: set an API key, or allow it`,
      {
        code: "host_not_allowed",
      },
    );
  });
}

/** The name of a `Host` header, without its port, in lower case. */
function hostName(host: string): string {
  return host.replace(/:\d*$/, "").toLowerCase();
}

function isLocal(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}
