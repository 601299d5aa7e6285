/**
 * The style sheet of the pages: the report's and the dashboard's. Light, or dark where the reader prefers it; colours of text
 * have a contrast of at least 4.5:1 on every background they stand on (WCAG 2.2, 1.4.3).
 */

const light = [
  "--paper:#ffffff",
  "--raised:#f6f8fa",
  "--ink:#1f2328",
  "--muted:#57606a",
  "--line:#d8dee4",
  "--accent:#215c9c",
  "--warn:#7a4100",
  "--warn-paper:#fff6e5",
  "--warn-line:#e0a530",
  "--good:#0b6b50",
].join(";");

const dark = [
  "--paper:#0d1117",
  "--raised:#161b22",
  "--ink:#f0f6fc",
  "--muted:#a2acb8",
  "--line:#30363d",
  "--accent:#7eaefe",
  "--warn:#ffc46b",
  "--warn-paper:#221a0c",
  "--warn-line:#8a5d10",
  "--good:#3fd0a2",
].join(";");

/** Rules that both pages share. */
export const pageStyle = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:1rem}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
a{color:var(--accent);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:2px}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;margin:0;overflow-wrap:anywhere}
h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 .25rem}
h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.5rem 0;max-width:68ch}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono",monospace;font-size:.875em}
code{overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.muted,figcaption{color:var(--muted)}
.eyebrow{color:var(--muted);font-size:.8125rem;letter-spacing:.02em;margin:0 0 .25rem}
.tiles{display:flex;flex-wrap:wrap;gap:1px;margin:1.5rem 0;padding:0;border:1px solid var(--line);border-radius:10px;overflow:hidden;background:var(--line)}
.tiles>div{flex:1 1 9rem;background:var(--paper);padding:.75rem 1rem}
.tiles dt{color:var(--muted);font-size:.8125rem}
.tiles dd{margin:0;font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em;line-height:1.35}
.tiles small{display:block;color:var(--muted);font-size:.75rem;font-weight:400;letter-spacing:0}
figure{margin:1rem 0 0;border:1px solid var(--line);border-radius:10px;overflow:hidden}
figure svg{display:block;margin:0 auto}
figcaption{border-top:1px solid var(--line);background:var(--raised);padding:.625rem 1rem;font-size:.875rem;line-height:1.5}
figcaption p{margin:0;max-width:none}
.narrow{display:none}
.warning{border:1px solid var(--warn-line);border-left-width:4px;border-radius:8px;background:var(--warn-paper);padding:.75rem 1rem;margin:.75rem 0}
.warning strong{color:var(--warn)}
.warning p{margin:.25rem 0 0;max-width:none}
.good{color:var(--good)}
.sample{border:1px solid var(--line);border-radius:10px;background:var(--raised);padding:.875rem 1rem;margin:.75rem 0}
.sample pre{font-size:.8125rem;line-height:1.6}
@media (max-width:700px){.wide{display:none}.narrow{display:block}h1{font-size:1.375rem}.tiles>div{flex-basis:8.5rem;padding:.625rem .75rem}}
`;
