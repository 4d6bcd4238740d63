// The style of the report: one column, system fonts, light and dark by the reader's setting, fit to be printed.

export const STYLE = `
:root { --ink: #1c2330; --soft: #5d6878; --line: #d9dee6; --ground: #ffffff; --panel: #f5f7fa; --main: #2563a8; --band: #2563a833;
  --good: #1a7f4b; --bad: #b4541a; --data: #1c2330; --faint: #2563a83a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --line: #343c49; --ground: #14181f; --panel: #1c222c; --main: #6ea8e8;
  --band: #6ea8e83d; --good: #58c48a; --bad: #e79a5c; --data: #f2f4f7; --faint: #6ea8e840; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .5rem 0; }
code, pre { font: .9em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--panel); padding: 1rem; border-radius: 6px; overflow-x: auto; }
.verdict { border-left: 4px solid var(--soft); padding: .5rem .9rem; background: var(--panel); border-radius: 0 6px 6px 0; }
.verdict.good { border-color: var(--good); }
.verdict.bad { border-color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.card { background: var(--panel); border-radius: 6px; padding: .7rem .9rem; }
.card .name { color: var(--soft); font-size: .85rem; }
.card .value { font-size: 1.4rem; font-variant-numeric: tabular-nums; }
.card.good .value { color: var(--good); }
.card.bad .value { color: var(--bad); }
.card .about { font-size: .85rem; }
.warnings { padding-left: 1.2rem; }
.warnings b { color: var(--bad); }
.caption { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; min-width: 100%; }
th { text-align: left; color: var(--soft); font-weight: 500; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
.prose { min-width: 16rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .35rem 1.5rem; }
dl div { display: flex; gap: .6rem; }
dt { color: var(--soft); min-width: 5rem; }
dd { margin: 0; }
details { margin: .75rem 0; }
summary { cursor: pointer; }
td details { margin: .25rem 0; color: var(--soft); }
td ul { margin: .25rem 0; padding-left: 1.1rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
svg { max-width: 100%; height: auto; display: block; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .axis { stroke: var(--soft); }
svg .grid { stroke: var(--line); }
svg .curve { fill: none; stroke: var(--main); stroke-width: 1.6; }
svg .faint { fill: none; stroke: var(--faint); stroke-width: 1.2; }
svg .observed { fill: none; stroke: var(--data); stroke-width: 2.4; }
svg .reference { stroke: var(--soft); stroke-dasharray: 5 4; fill: none; }
svg .band { fill: var(--band); }
svg .bar { fill: var(--main); }
svg .observed-bar { fill: var(--soft); opacity: .45; }
svg .interval { stroke: var(--main); stroke-width: 3.5; stroke-linecap: round; }
svg .thin { stroke: var(--main); stroke-width: 1.4; }
svg .point { fill: var(--ground); stroke: var(--main); stroke-width: 1.8; }
svg .observed-dot { fill: var(--data); }
@media print { body { font-size: 12px; } main { max-width: none; padding: 0; } section { break-inside: avoid-page; } details { display: block; } }
`;
