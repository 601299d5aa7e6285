/**
 * What the report's page adds to the style sheet of all pages: contents at the side, a column of text and figures, print.
 */

export const reportStyle = `
.page{display:grid;grid-template-columns:11rem minmax(0,50rem);gap:3.5rem;justify-content:center;padding:2.5rem 2rem 5rem}
.contents{position:sticky;top:2.5rem;align-self:start;font-size:.875rem;line-height:1.4}
.contents ol{list-style:none;margin:0;padding:0}
.contents a{display:block;color:var(--muted);text-decoration:none;padding:.3rem 0 .3rem .75rem;border-left:2px solid var(--line)}
.contents a:hover{color:var(--ink);border-color:var(--accent)}
.tiles>div{flex-basis:11rem}
section{margin-top:3.5rem}
section>h2{padding-bottom:.25rem}
table{border-collapse:collapse;width:100%;font-size:.875rem;margin:.75rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-weight:400;color:var(--muted);width:14rem}
td{font-variant-numeric:tabular-nums}
details{margin-top:1rem}
summary{cursor:pointer;color:var(--accent)}
footer{margin-top:4rem;border-top:1px solid var(--line);padding-top:1rem;font-size:.875rem;color:var(--muted)}
@media (max-width:1000px){.page{grid-template-columns:minmax(0,50rem);gap:0;padding:1.5rem 1.25rem 4rem}.contents{display:none}}
@media (max-width:700px){.tiles>div{flex-basis:8.5rem}.page{padding:1.25rem .875rem 3rem}section{margin-top:2.5rem}figure{margin-left:-.125rem;margin-right:-.125rem}th{width:9rem}}
@media print{.page{display:block;padding:0}.contents{display:none}figure,.warning,.sample{break-inside:avoid}.wide{display:block!important}.narrow{display:none!important}}
`;
