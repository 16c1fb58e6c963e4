/** The styles of a report: light, dark and printed. */
export const REPORT_STYLES = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #fff; --text: #1a212c; --soft: #566070; --line: #d7dce4;
  --accent: #1a56db; --good: #0b6b3a; --bad: #b3261e; --bad-ground: #fdeeec; --note: #fdf0cc; --on-note: #614700;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10141a; --card: #1a1f28; --text: #eceff4; --soft: #a6afbd; --line: #343c49;
    --accent: #7ea6ff; --good: #6fd79c; --bad: #ff9a92; --bad-ground: #331c1b; --note: #3a3014; --on-note: #f5dd9a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 24px 16px 48px; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 12px; font-size: 28px; line-height: 1.2; }
h2 { margin: 36px 0 8px; font-size: 20px; }
h3 { margin: 16px 0 4px; font-size: 15px; }
.kind { margin: 0; color: var(--soft); }
.skip { position: absolute; left: -9999px; }
.skip:focus { position: static; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 0 0 16px; }
.facts div { display: flex; gap: 8px; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
.counts { display: flex; flex-wrap: wrap; gap: 8px; margin: 0 0 16px; padding: 0; list-style: none; }
.counts li { padding: 8px 14px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.counts b { font-size: 20px; }
.counts .good b { color: var(--good); }
.counts .bad b { color: var(--bad); }
.note { padding: 8px 12px; background: var(--note); color: var(--on-note); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { padding: 4px 0; color: var(--soft); text-align: left; }
th, td { padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th[scope='row'] { font-weight: 400; }
.confidence { max-width: 480px; }
.scroll { overflow-x: auto; }
.scroll table { min-width: 640px; }
.scroll td:first-child { width: 110px; white-space: nowrap; }
.scroll td, .scroll th[scope='row'] { width: 29%; }
small { display: block; color: var(--soft); font-size: 13px; }
tr.conforms td:first-child { color: var(--good); }
tr.differs td:first-child, tr.no_answer td:first-child { color: var(--bad); font-weight: 600; }
tr.differs { background: var(--bad-ground); }
details { margin: 8px 0; background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--line);
  border-radius: 8px; }
details.good { border-left-color: var(--good); }
details.bad { border-left-color: var(--bad); }
summary { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; padding: 10px 14px; cursor: pointer; }
summary .title::before { content: '▸ '; color: var(--soft); }
details[open] > summary .title::before { content: '▾ '; }
summary .title { font-weight: 600; }
summary code { color: var(--soft); overflow-wrap: anywhere; }
summary .result { margin-left: auto; color: var(--soft); }
.bad > summary .result { color: var(--bad); font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.inside { padding: 0 14px 14px; }
pre { margin: 0; padding: 10px; overflow: auto; max-height: 420px; background: var(--ground); border-radius: 6px;
  font: 13px/1.45 ui-monospace, monospace; }
footer { margin-top: 36px; color: var(--soft); }
@media print {
  :root { --ground: #fff; --card: #fff; --text: #000; --soft: #444; --line: #bbb; --good: #0b6b3a; --bad: #b3261e;
    --bad-ground: #fff; color-scheme: light; }
  body { max-width: none; font-size: 11pt; }
  .skip { display: none; }
  details, tr { break-inside: avoid; }
  pre { max-height: none; white-space: pre-wrap; border: 1px solid #bbb; }
}
`
