/** The style sheet of an audit's page: light and dark as the reader's system wants it, from 320 pixels up, and on paper. */
export const AUDIT_STYLE = `
:root { color-scheme: light dark; --ink: #1b1d21; --soft: #5a606b; --paper: #fff; --panel: #f4f5f7; --edge: #d9dce2; --good: #0a6b3d; --bad: #b3261e; --open: #8a5a00; --line: #2458c5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaee; --soft: #a3a9b5; --paper: #14161a; --panel: #1d2026; --edge: #343944; --good: #5fd39a; --bad: #ff8a80; --open: #f0b94d; --line: #8ab0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 60rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .75rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .75rem; }
.kind, .fine { color: var(--soft); font-size: .9rem; margin: 0 0 .25rem; }
.verdict { margin: 0 0 .75rem; padding: .75rem 1rem; border-left: .3rem solid; border-radius: .25rem; background: var(--panel); }
.verdict strong { display: block; font-size: 1.15rem; }
.clean { border-color: var(--good); } .clean strong { color: var(--good); }
.findings { border-color: var(--bad); } .verdict.findings strong { color: var(--bad); }
.incomplete { border-color: var(--open); } .verdict.incomplete strong { color: var(--open); }
ul, ol { padding: 0; margin: 0; list-style: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem; }
.cards li { padding: .75rem; background: var(--panel); border-radius: .4rem; color: var(--soft); }
.value { display: block; font-size: 1.35rem; font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
.lines { margin-top: .75rem; color: var(--soft); }
.checks li { display: grid; grid-template-columns: 1.5rem 1fr auto; gap: .25rem; padding: .4rem 0; border-bottom: 1px solid var(--edge); }
.mark { font-weight: 700; } .word { color: var(--soft); }
.pass .mark { color: var(--good); } .fail .mark, .fail .word { color: var(--bad); } .skip .mark, .skip .word { color: var(--open); }
figure { margin: 0; }
.plot { position: relative; height: 14rem; border: 1px solid var(--edge); border-radius: .4rem; background: var(--panel); overflow: hidden; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.most { position: absolute; top: .4rem; left: .6rem; color: var(--soft); font-size: .85rem; }
.area { fill: var(--line); opacity: .12; } .line { fill: none; stroke: var(--line); stroke-width: 2; vector-effect: non-scaling-stroke; }
.failure { stroke: var(--bad); stroke-width: 3; vector-effect: non-scaling-stroke; }
figcaption { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; margin-top: .35rem; color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; }
.failure-key { color: var(--bad); margin-left: .5rem; } .failure-key::before { content: "\\2502"; font-weight: 700; margin-right: .25rem; }
.wide { overflow-x: auto; } td code { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--edge); vertical-align: top; } .number { text-align: right; padding-right: 0; font-variant-numeric: tabular-nums; }
ol.findings { margin-top: 1rem; } ol.findings li { padding: .75rem 0; border-bottom: 1px solid var(--edge); } ol.findings p { margin: .25rem 0; }
.entry { display: inline-block; padding: 0 .4rem; border: 1px solid var(--bad); border-radius: .3rem; color: var(--bad); font-size: .85rem; font-variant-numeric: tabular-nums; }
dl { margin: .5rem 0 0; display: grid; grid-template-columns: minmax(5.5rem, max-content) 1fr; gap: .2rem .75rem; } dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
.missed li { padding: .3rem 0 .3rem 1.25rem; position: relative; } .missed li::before { content: "\\00b7"; position: absolute; left: .4rem; } .missed .incomplete { color: var(--open); } .missed .incomplete::before { content: "\\2013"; }
code, pre { font: .85rem/1.45 ui-monospace, monospace; } pre { padding: .75rem; background: var(--panel); border-radius: .4rem; white-space: pre-wrap; }
@media print { body { max-width: none; } section { break-inside: avoid-page; } }
`;
