/**
 * The style sheet of the playground: of one family with the trainer's dashboard and report. Light, or dark where the reader prefers it;
 * colours of text have a contrast of at least 4.5:1 on every background they stand on (WCAG 2.2, 1.4.3).
 */

const light = [
  "--paper:#ffffff",
  "--raised:#f6f8fa",
  "--ink:#1f2328",
  "--muted:#57606a",
  "--line:#d8dee4",
  "--edge:#848d97",
  "--accent:#215c9c",
  "--on-accent:#ffffff",
  "--warn:#7a4100",
  "--warn-paper:#fff6e5",
  "--warn-line:#e0a530",
  "--odd:#eef4fa",
  "--even:#f4f1ea",
  "--surprise-ink:#e08a00",
  "--heard-ink:#7eaefe",
  "--fill:#d6e4f4",
].join(";");

const dark = [
  "--paper:#0d1117",
  "--raised:#161b22",
  "--ink:#f0f6fc",
  "--muted:#a2acb8",
  "--line:#30363d",
  "--edge:#7d8590",
  "--accent:#7eaefe",
  "--on-accent:#0d1117",
  "--warn:#ffc46b",
  "--warn-paper:#221a0c",
  "--warn-line:#8a5d10",
  "--odd:#172130",
  "--even:#211f1a",
  "--surprise-ink:#f0a030",
  "--heard-ink:#2f62b5",
  "--fill:#1d3a5f",
].join(";");

/** The content of `/playground/style.css`. */
export const playgroundStyle = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:1.375rem;line-height:1.2;letter-spacing:-.015em;margin:0}
h2{font-size:1rem;margin:0}
h3{font-size:.875rem;margin:1.25rem 0 .5rem}
p{margin:0}
code,kbd,.mono,#text,.spelled,.bars{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono",monospace}
kbd{font-size:.75rem;border:1px solid var(--line);border-radius:4px;padding:0 .3rem;background:var(--raised)}
.muted,small,.small,.eyebrow{color:var(--muted)}
.small,small,.eyebrow{font-size:.8125rem}
[hidden]{display:none!important}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-100vw;top:0;padding:.5rem 1rem;background:var(--paper);color:var(--accent);z-index:2}
.skip:focus{left:0}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}

.top,.page{max-width:76rem;margin:0 auto;padding:0 2rem}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.5rem;padding-top:1.5rem;padding-bottom:1.25rem}
.model-box,.key-box{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem;min-width:0}
.key-box{flex-basis:100%}
.page{display:grid;grid-template-columns:minmax(0,1fr) 20rem;gap:1.5rem 2rem;align-items:start;padding-bottom:4rem}
.desk{display:grid;gap:1.75rem;min-width:0}
.desk>section{min-width:0}
.side{position:sticky;top:1rem;max-height:calc(100vh - 2rem);overflow:auto}
.line{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem}

label{font-size:.875rem;font-weight:600}
input,select,textarea,button{font:inherit;color:inherit}
input[type=number],input[type=password],select,textarea{width:100%;background:var(--paper);border:1px solid var(--edge);border-radius:8px;padding:.4rem .65rem;min-width:0}
select,input[type=password]{width:auto;max-width:100%}
textarea{display:block;resize:vertical}
::placeholder{color:var(--muted);opacity:1}
#prompt{margin-top:.5rem;font-size:1rem}
#system-box{margin-top:.5rem}
button{background:var(--paper);border:1px solid var(--edge);border-radius:8px;padding:.4rem .9rem;cursor:pointer}
.foot button,.key-box button{font-size:.875rem;padding:.3rem .75rem}
button:hover:not(:disabled){background:var(--raised)}
button:disabled{color:var(--muted);border-color:var(--line);cursor:default}
button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
button.primary:hover:not(:disabled){background:color-mix(in srgb,var(--accent) 88%,var(--ink))}
button.primary:disabled{background:var(--raised);border-color:var(--line);color:var(--muted)}
.actions{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .75rem}
form>.actions{margin-top:.75rem}

.switch{display:flex;border:1px solid var(--edge);border-radius:8px;padding:0;margin:0}
.switch input{position:absolute;opacity:0;width:1px;height:1px}
.switch label{padding:.2rem .8rem;cursor:pointer;font-weight:400;border-radius:7px}
.switch input:checked+label{background:var(--accent);color:var(--on-accent);font-weight:600}
.switch input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}

details{margin-top:.75rem;border:1px solid var(--line);border-radius:10px}
summary{padding:.5rem .85rem;cursor:pointer;font-size:.875rem;font-weight:600}
details[open] summary{border-bottom:1px solid var(--line)}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.85rem 1rem;padding:.85rem}
.field small{display:block;line-height:1.35;margin-top:.15rem}
.field.wide{grid-column:1/-1}
.field.rest{grid-column:span 2}
.field.check{display:flex;gap:.5rem;align-items:center}

.warning{border:1px solid var(--warn-line);border-left-width:4px;border-radius:8px;background:var(--warn-paper);color:var(--warn);padding:.6rem .9rem;margin-top:.75rem;overflow-wrap:anywhere}
.paper{border:1px solid var(--line);border-radius:10px;padding:1rem 1.15rem;margin-top:.5rem;min-height:7rem}
.foot{margin-top:.5rem;min-height:2.5rem}
.legend{display:flex;align-items:center;gap:.5rem}
.scale{width:5rem;height:.5rem;border-radius:3px;background:linear-gradient(90deg,transparent,var(--surprise-ink));border:1px solid var(--line)}
.legend.heard .scale{background:linear-gradient(90deg,transparent,var(--heard-ink))}
section:not(:has(.attending)) .legend.heard,section:has(.attending) .legend.surprise{display:none}

#text{font-size:.9375rem;line-height:2;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
.token{--surprise:0;--heard:0;padding:.2em 0;cursor:pointer;border-radius:2px;background:linear-gradient(color-mix(in srgb,var(--surprise-ink) calc(var(--surprise)*100%),transparent),color-mix(in srgb,var(--surprise-ink) calc(var(--surprise)*100%),transparent)) 0 100%/100% .2em no-repeat,var(--tint);-webkit-box-decoration-break:clone;box-decoration-break:clone}
.token:nth-child(odd){--tint:var(--odd)}
.token:nth-child(even){--tint:var(--even)}
.token.prompt{color:var(--muted)}
.token.chosen{font-weight:700;color:var(--accent)}
.token:hover{box-shadow:0 0 0 1px var(--edge);position:relative}
.token[aria-selected=true]{box-shadow:0 0 0 2px var(--accent);position:relative}
.token:focus-visible{outline-offset:3px}
.attending .token{background:color-mix(in srgb,var(--heard-ink) calc(var(--heard)*80%),var(--tint))}
.mark{color:var(--muted);opacity:.75;user-select:none}

.tiles{display:flex;flex-wrap:wrap;gap:1px;margin:.75rem 0 0;border:1px solid var(--line);border-radius:10px;overflow:hidden;background:var(--line)}
.tiles>div{flex:1 1 6rem;background:var(--paper);padding:.5rem .85rem}
.tiles dt{color:var(--muted);font-size:.8125rem}
.tiles dd{margin:0;font-size:1.125rem;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.card{border:1px solid var(--line);border-radius:10px;background:var(--raised);padding:1rem}
.card+.card{margin-top:1rem}
.card .tiles>div{padding:.4rem .6rem;flex-basis:auto}
.card .tiles dd{font-size:.875rem;white-space:nowrap}
.card h3:first-child{margin-top:0}
.spelled{font-size:1.5rem;line-height:1.3;font-weight:600;overflow-wrap:anywhere}
.bars{list-style:none;margin:0 0 .5rem;padding:0;font-size:.875rem}
.bars>li+li{margin-top:.3rem}
.bar{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.5rem;align-items:baseline;position:relative;width:100%;padding:.3rem .6rem;border:1px solid var(--line);border-radius:8px;background:var(--paper);text-align:left;overflow:hidden}
.bar>*{position:relative}
.bar .fill{position:absolute;inset:0 auto 0 0;width:calc(var(--share)*100%);background:var(--fill)}
.bar .name,.spelled{unicode-bidi:isolate}
.bar .name{overflow:hidden;text-overflow:ellipsis;white-space:pre}
.bar .value{font-variant-numeric:tabular-nums}
.bar.taken{border-color:var(--accent)}
.bar.taken .name{font-weight:700}
#attention .line{justify-content:flex-start;margin-bottom:.6rem}

@media (max-width:900px){
.top,.page{padding-left:.875rem;padding-right:.875rem}
.top{padding-top:1rem;padding-bottom:.75rem}
.page{display:flex;flex-direction:column;align-items:stretch;gap:1rem;padding-bottom:2rem}
#keys{display:none}
.side:has(.card>.hint){display:none}
.page:has(form:focus-within) .side{position:static;max-height:none}
.token{scroll-margin:1rem 0 46vh}
.side{position:sticky;top:auto;bottom:0;max-height:44vh;margin:0 -.875rem;padding:0 .875rem .5rem;background:var(--paper);border-top:1px solid var(--line)}
.side .card{border:0;background:none;padding:.6rem 0}
.side .card+.card{margin-top:0;border-top:1px solid var(--line);border-radius:0}
.side h3{margin-top:.75rem}
.side .tiles{margin:.4rem 0 0}
.side .tiles>div{padding:.2rem .6rem}
.side .spelled{font-size:1.125rem}
input,select,textarea{font-size:16px}
}
@media (prefers-reduced-motion:no-preference){.bar .fill{transition:width .15s}}
`;
