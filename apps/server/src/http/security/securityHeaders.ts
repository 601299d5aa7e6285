/**
 * What every answer tells a browser: run nothing that is not from here, guess no types, be in no frame, tell nobody where you were.
 */

import type { App } from "../buildApp.ts";

const headers = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export function registerSecurityHeaders(app: App): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(headers);
  });
}
