/** The look of the HTML report, in light and in dark. */
export const STYLE = `
:root{color-scheme:light dark;
--ground:#f6f7f9;--card:#fff;--ink:#1a2030;--soft:#5a6478;--line:#dfe3ea;--link:#1d5bbf;
--fine:#0b776b;--redirected:#5b6ee1;--slow:#c07d00;--broken:#c92a55;--load:#c9d6ee}
@media (prefers-color-scheme:dark){:root{
--ground:#0e1218;--card:#171d27;--ink:#e6eaf2;--soft:#9aa6ba;--line:#2a3342;--link:#8ab4ff;
--fine:#3fc7b4;--redirected:#97a5ff;--slow:#f0b440;--broken:#ff6f91;--load:#2b3a57}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:78rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:clamp(1.5rem,4.5vw,2.3rem);line-height:1.15;letter-spacing:-.02em;margin:.15em 0;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:0 0 .25rem}
p{margin:.25rem 0}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.kicker,.note{color:var(--soft);font-size:.9rem}
dl+.note{margin-top:.75rem}
.flag{display:inline-block;border:2px solid var(--slow);border-radius:1em;padding:.1em .8em;font-size:.85rem;font-weight:600}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.25rem;margin-top:1.25rem}
dl.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.2rem,1fr));gap:.75rem;margin:1.5rem 0 0}
dl.figures div{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:.8rem 1rem}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-size:1.55rem;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;white-space:nowrap}
dd.broken{color:var(--broken)}dd.fine{color:var(--fine)}
.scroll{overflow-x:auto;border-radius:6px}
.scroll svg{display:block;width:100%;min-width:52rem;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;padding:0;margin:.6rem 0 .9rem;list-style:none;font-size:.85rem;color:var(--soft)}
.legend svg{vertical-align:-1px;margin-right:.4em}
svg text{font:11px system-ui,sans-serif}
.axis{fill:var(--soft)}.grid{stroke:var(--line)}.load{fill:var(--load)}
.fine{--bar:var(--fine)}.redirected{--bar:var(--redirected)}.slow{--bar:var(--slow)}.broken{--bar:var(--broken)}
.bar rect{fill:var(--bar)}.bar .wait{fill-opacity:.48}.bar .setup{fill-opacity:.75}
.bar.broken .wait{fill:url(#hatch);fill-opacity:1}.hatch-ground{fill:var(--broken);fill-opacity:.3}.hatch-line{fill:var(--broken);fill-opacity:.75}
.bar:hover .wait{stroke:var(--ink);stroke-width:1.2}
.pair{margin-top:1.25rem;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.25rem}
.pair section{min-width:0;margin-top:0}
.meter{margin:.7rem 0 0}.meter b{display:block;font-weight:600;font-variant-numeric:tabular-nums}
.meter span{display:block;height:14px;min-width:3px;border-radius:4px;background:var(--fine)}.meter.plain span{background:var(--soft)}
.big{font-size:2.1rem;font-weight:700;letter-spacing:-.03em;color:var(--fine);line-height:1.2}
.histogram{display:flex;align-items:flex-end;gap:3px;height:7rem;margin:.8rem 0 0;padding:0;list-style:none}
.histogram li{flex:1;min-width:0;display:flex;flex-direction:column;justify-content:flex-end;height:100%;text-align:center;font-size:.72rem;color:var(--soft);font-variant-numeric:tabular-nums}
.histogram span{display:block;background:var(--fine);border-radius:3px 3px 0 0;min-height:1px}
.histogram em{font-style:normal;white-space:nowrap;border-top:1px solid var(--line);padding-top:.2rem}
table{width:100%;border-collapse:collapse;font-size:.9rem}
caption{text-align:left;color:var(--soft);font-size:.85rem;padding-bottom:.4rem}
th,td{text-align:left;padding:.42rem .6rem .42rem 0;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.85rem;white-space:nowrap}
tbody th{font-weight:600;padding-top:.9rem}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:1.1rem}
td.address{overflow-wrap:anywhere;min-width:14rem}
td.problem{color:var(--broken)}
details>summary{cursor:pointer;font-weight:600;font-size:1.15rem}
details[open]>summary{margin-bottom:.8rem}
details.page{border-top:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 2.4rem}
details.page>summary,details.frequent>summary{font-size:.95rem;padding:.5rem 0;overflow-wrap:anywhere}
details.page[open]>summary,details.frequent[open]>summary{margin-bottom:0}
summary b,li b{font-weight:600;font-size:.8rem;color:var(--soft);background:var(--ground);border:1px solid var(--line);border-radius:1em;padding:.05em .6em;white-space:nowrap}
details ul,details ol{margin:0 0 .7rem;padding:0 0 0 1.1rem;list-style:none;font-size:.9rem}
details li{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr) auto;gap:0 1rem;padding:.3rem 0;overflow-wrap:anywhere}
details li[hidden]{display:none}
.problem{color:var(--broken)}.refused .problem{color:var(--soft)}
.frequent{margin:.6rem 0}
.why{position:absolute;opacity:0;pointer-events:none}
.filter{margin:.7rem 0 .3rem;display:flex;flex-wrap:wrap;gap:.4rem}
.filter label{border:1px solid var(--line);border-radius:1em;padding:.3rem .8rem;font-size:.9rem;cursor:pointer}
.filter b{font-weight:600;font-variant-numeric:tabular-nums}
.search{display:flex;flex-wrap:wrap;gap:.3rem 1rem;align-items:baseline;margin:.6rem 0;color:var(--soft);font-size:.9rem}.search[hidden]{display:none}
.search label{flex:1 1 16rem;display:flex;gap:.6rem;align-items:baseline}
.search input{flex:1;min-width:0;font:inherit;font-size:1rem;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:8px;padding:.35rem .7rem}
.shortfall{border-left:4px solid var(--slow);background:var(--card);padding:.6rem 1rem;margin:1rem 0 0;overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.85rem;margin-top:1.5rem}
@media (max-width:40rem){details li{grid-template-columns:minmax(0,1fr)}details ul,details ol{padding-left:.6rem}details li{border-top:1px dotted var(--line)}main{padding:1.5rem .75rem 3rem}section{padding:1rem .8rem}dd{font-size:1.3rem}}
@media print{body{background:#fff}section,dl.figures div{break-inside:avoid}details:not([open]){display:none}}
`;
