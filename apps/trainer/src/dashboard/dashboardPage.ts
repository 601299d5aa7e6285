/**
 * The live page: empty slots, a style sheet, and a few lines of script that put each piece that arrives into its slot. The pieces
 * are drawn by the server with the plots of the report, so the page needs no code for that and loads nothing else.
 */

import { createHash } from "node:crypto";
import { Html, html } from "../page/html.ts";
import { pageStyle } from "../page/pageStyle.ts";

const style = `
.live{max-width:86rem;margin:0 auto;padding:1.5rem 2rem 4rem}
.live header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem}
.live header p{margin:0;flex-basis:100%;max-width:none}
.state{font-size:.8125rem;border:1px solid var(--line);border-radius:99px;padding:.1rem .7rem .1rem 1.5rem;position:relative;color:var(--muted)}
.state::before{content:"";position:absolute;left:.65rem;top:50%;width:.5rem;height:.5rem;margin-top:-.25rem;border-radius:50%;background:currentColor}
.state.on{color:var(--good)}
.state.off{color:var(--warn)}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,35rem),1fr));gap:1rem;align-items:start}
.grid figure{margin:0}
.grid h2,.grid .full{grid-column:1/-1}
h2{margin-top:2rem}
#inside{margin-top:1rem}
@media (max-width:700px){.live{padding:1rem .875rem 3rem}.grid{gap:.75rem}}
`;

/** Slots in the order of the page. */
const slots = ["facts", "notes", "charts", "inside", "samples", "progress"] as const;

const script = `
"use strict";
const narrow = matchMedia("(max-width: 700px)");
const state = document.getElementById("state");
let epoch, source;
function say(text, kind) { state.textContent = text; state.className = "state " + kind; }
function place(id, html) {
  const slot = id.slice(0, id.indexOf("/"));
  let box = document.getElementById(id);
  if (box === null) {
    box = document.createElement("div");
    box.id = id;
    document.getElementById(slot).append(box);
  }
  box.innerHTML = html;
}
function open() {
  source?.close();
  source = new EventSource("/events?screen=" + (narrow.matches ? "narrow" : "wide"));
  source.addEventListener("hello", ({ data }) => {
    const hello = JSON.parse(data);
    if (epoch !== undefined && epoch !== hello.epoch) location.reload();
    epoch = hello.epoch;
    say("live", "on");
  });
  source.addEventListener("fragment", ({ data }) => { const { id, html } = JSON.parse(data); place(id, html); });
  source.onerror = () => say("no answer: is the training still there?", "off");
}
narrow.addEventListener("change", () => { epoch = undefined; open(); });
open();
`;

const hash = createHash("sha256").update(script).digest("base64");

/** What the page may load: its own stream of events, this style sheet and this script. */
export const dashboardPolicy =
  `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The document. */
export function dashboardPage({ title, description }: { title: string; description: string }): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${title}: training</title>
        ${new Html(`<style>${pageStyle}${style}</style>`)}
      </head>
      <body>
        <main class="live">
          <header>
            <h1>${title}</h1>
            <span class="state" id="state" role="status">connecting</span>
            <p class="muted">${description}</p>
          </header>
          ${slots.map(
            (slot) => html`<div id="${slot}" class="slot${["charts", "inside"].includes(slot) && " grid"}"></div> `,
          )}
          <noscript
            ><p>
              The dashboard is drawn as it arrives, which takes JavaScript. The report does not:
              <code>llm-learning report</code>.
            </p></noscript
          >
        </main>
        ${new Html(`<script>${script}</script>`)}
      </body>
    </html> `.text;
}
