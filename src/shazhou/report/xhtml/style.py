"""How the XHTML page looks: calm and official, on a screen, a phone and paper."""

STYLE = """
html { font: 16px/1.75 "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, Georgia, serif;
  color: #1d2733; background: #eef1f4; }
body { margin: 0; }
.page { max-width: 54rem; margin: 2rem auto; padding: 4rem 5rem; background: #fff; box-shadow: 0 1px 4px #0002; }
h1, h2, h3, h4, caption, .chart .title, .cover .city, .cover dl, .contents, .brief, .mark, table, .cited, .entry {
  font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "Helvetica Neue", Arial,
    sans-serif; }
h1, h2, h3, h4 { color: #12395f; line-height: 1.35; break-after: avoid; }
h1 { margin: 1rem 0 2.5rem; font-size: 2.1rem; }
h2 { margin: 3rem 0 1rem; padding-bottom: .35rem; border-bottom: 2px solid #12395f; font-size: 1.35rem; }
h3 { margin: 2rem 0 .6rem; font-size: 1.1rem; }
p { margin: .7rem 0; }
a { color: #1b5a96; text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
.cover { padding: 3rem 0 2rem; border-bottom: 1px solid #c9d3dd; }
.cover .city { margin: 0; letter-spacing: .08em; color: #4a5a6a; }
.cover dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 0; font-size: .85rem; }
.cover dt { color: #5b6a79; }
.cover dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.contents { padding-bottom: 1.5rem; margin-bottom: 2rem; border-bottom: 1px solid #c9d3dd; }
.contents h2 { border: 0; margin: 2rem 0 .5rem; font-size: 1rem; }
.contents ul { margin: 0; padding: 0; list-style: none; columns: 2; font-size: .9rem; }
.figure { white-space: nowrap; font-variant-numeric: lining-nums tabular-nums; }
.mark { font-size: .65rem; line-height: 1; font-variant-numeric: tabular-nums; }
sup.mark a { padding: 0 .12em 0 .2em; }
.gap { padding: .6rem 1rem; border-left: 3px solid #b9904a; background: #fbf7ef; color: #5c4a25; font-size: .92rem; }
.table { position: relative; margin: 1.5rem 0; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .88rem; line-height: 1.5; }
caption, .chart .title { padding: .3rem 0; font-weight: 600; text-align: left; color: #12395f; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid #dde4ea; text-align: left; vertical-align: baseline; }
th { font-weight: 500; }
tbody th { min-width: 8em; }
tbody td:not(.number) { min-width: 6.2em; }
thead th { border-top: 2px solid #12395f; border-bottom: 1px solid #12395f; color: #37485a; vertical-align: bottom;
  word-break: keep-all; text-wrap: balance; }
tbody tr:last-child > * { border-bottom: 2px solid #12395f; }
.number { padding-right: 1.9rem; text-align: right; font-variant-numeric: lining-nums tabular-nums; }
.number sup.mark { position: absolute; }
td.number, td.number .brief { white-space: nowrap; }
.brief { font-size: .72rem; color: #6d5a2c; }
.cited { margin: .4rem 0; font-size: .75rem; color: #5b6a79; }
.chart { margin: 2rem 0; }
.chart .title { margin: 0 0 .5rem; break-after: avoid; }
.chart img { display: block; width: 100%; height: auto; break-inside: avoid; }
.small table { font-size: .78rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.entry { padding: .6rem 0 .6rem 2.6rem; border-bottom: 1px solid #e4e9ee; font-size: .8rem; line-height: 1.6;
  break-inside: avoid; }
.entry:target, sup.mark:target { background: #fdf3d0; }
.entry p { margin: 0; color: #4a5a6a; overflow-wrap: anywhere; }
.entry .subject { color: #1d2733; }
.entry .subject > .mark { float: left; width: 2.1rem; margin-left: -2.6rem; text-align: right; font-size: .75rem;
  line-height: 1.7; color: #5b6a79; }
.said { white-space: nowrap; }
.formula { font: .95em/1.5 "Noto Sans Mono CJK SC", Consolas, Menlo, monospace; }
.id { font-family: Consolas, Menlo, "DejaVu Sans Mono", monospace; font-size: .95em; }
@media (max-width: 46rem) {
  .page { margin: 0; padding: 1.5rem 1.1rem; }
  .contents ul { columns: 1; }
  tbody th { min-width: 6em; }
  tbody td:not(.number) { min-width: 3em; }
  th, td { padding-left: .25rem; padding-right: .25rem; }
}
@media print {
  @page { size: A4; margin: 22mm 20mm; }
  html { font-size: 10.5pt; background: #fff; }
  .page { max-width: none; margin: 0; padding: 0; box-shadow: none; }
  .cover { break-after: page; padding-top: 30vh; border: 0; }
  .trail { break-before: page; }
  .table { overflow: visible; break-inside: avoid; }
  .gap { break-inside: avoid; }
  thead { display: table-header-group; }
  .entry { padding-top: .35rem; padding-bottom: .35rem; font-size: .72rem; }
  tr { break-inside: avoid; }
  a { color: inherit; }
  .back { display: none; }
}
"""
