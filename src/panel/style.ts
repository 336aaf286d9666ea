/** Calm and plain: the system's own letters, one accent, and a light that says how things are. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f8; --sheet: #ffffff; --ink: #1b2127; --soft: #59636e; --line: #dfe3e8; --wash: #eef1f5;
  --accent: #3058a6; --on-accent: #ffffff; --accent-wash: #e8eefa;
  --green: #1d7a4c; --green-wash: #e6f4ec; --yellow: #8a5a00; --yellow-wash: #fdf3dc; --red: #b3261e; --red-wash: #fdeceb;
  --lamp-green: #2ea568; --lamp-yellow: #e0a100; --lamp-red: #d93a31;
  --shadow: 0 1px 2px rgb(20 30 50 / .05), 0 4px 16px rgb(20 30 50 / .04);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161a; --sheet: #1a1f25; --ink: #e7ebef; --soft: #a2adb8; --line: #2d353e; --wash: #222931;
    --accent: #9dbcf7; --on-accent: #0f1a2e; --accent-wash: #223050;
    --green: #7fd6a6; --green-wash: #173326; --yellow: #f0c667; --yellow-wash: #362b12; --red: #ff9c94; --red-wash: #3d1d1b;
    --lamp-green: #3fbf7f; --lamp-yellow: #e9b52e; --lamp-red: #ef5f56;
    --shadow: 0 1px 2px rgb(0 0 0 / .3);
  }
}
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 400 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; }
h1, h2, h3 { margin: 0; line-height: 1.25; font-weight: 640; letter-spacing: -.011em; text-wrap: balance; }
h1 { font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; }
h3 { font-size: 1rem; overflow-wrap: anywhere; }
p, ul, dl, table, form { margin: 0; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: .06em; }
a:hover { text-decoration-thickness: .12em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
main:focus { outline: none; }
code, .mono { font-family: var(--mono); font-size: .9em; }
.soft, .hint { color: var(--soft); }
.hint { font-size: .92rem; }
.quiet { padding: .6rem .9rem; border-radius: 10px; background: var(--wash); }
.skip { position: absolute; left: .5rem; top: -4rem; z-index: 2; padding: .6rem 1rem; border-radius: 8px; background: var(--accent); color: var(--on-accent); }
.skip:focus { top: .5rem; }
.top { background: var(--sheet); border-bottom: 1px solid var(--line); }
.bar { max-width: 70rem; margin: 0 auto; padding: .8rem 1.25rem 0; }
.brand { display: inline-flex; align-items: center; gap: .55rem; color: var(--ink); font-weight: 640; font-size: 1.05rem; text-decoration: none; }
.mark { width: 1.4rem; height: 1.4rem; fill: none; stroke: var(--accent); stroke-width: 1.9; stroke-linecap: round; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.4rem; padding: .35rem 0 0; list-style: none; }
nav a { display: block; padding: .55rem 0 .6rem; border-bottom: 3px solid transparent; color: var(--soft); font-size: .95rem; text-decoration: none; }
nav a:hover { color: var(--ink); border-color: var(--line); }
nav a[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 600; }
nav.databases ul { gap: .35rem; padding: .6rem 0 .1rem; }
nav.databases a { padding: .2rem .8rem; border: 1px solid var(--line); border-radius: 99px; font-family: var(--mono); font-size: .85rem; overflow-wrap: anywhere; }
nav.databases a[aria-current] { border-color: var(--accent); background: var(--accent-wash); color: var(--accent); }
main { display: grid; gap: 1.25rem; max-width: 70rem; margin: 0 auto; padding: 1.75rem 1.25rem 4rem; grid-template-columns: minmax(0, 1fr); }
.head { display: flex; flex-wrap: wrap; align-items: flex-end; justify-content: space-between; gap: 1rem; }
.head > div { display: grid; gap: .3rem; min-width: 0; }
.card { display: grid; gap: 1rem; align-content: start; min-width: 0; grid-template-columns: minmax(0, 1fr); padding: 1.35rem 1.5rem; border: 1px solid var(--line); border-radius: 14px; background: var(--sheet); box-shadow: var(--shadow); }
.pair { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 54rem) { .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
.status { gap: 1.1rem; padding: 1.75rem; }
.verdict { display: flex; align-items: center; gap: 1.1rem; }
.verdict p { color: var(--soft); }
.lamp { flex: none; width: 2.9rem; height: 2.9rem; }
.lamp circle { stroke: none; } .lamp .halo { opacity: .18; } .lamp path { fill: none; stroke: #fff; stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round; }
.lamp.green { fill: var(--lamp-green); } .lamp.yellow { fill: var(--lamp-yellow); } .lamp.red { fill: var(--lamp-red); }
.status > [data-live] { display: grid; gap: 1.1rem; }
.chain { display: grid; gap: .6rem; margin: 0; padding: 0; list-style: none; }
.chain li { display: grid; gap: .15rem; align-content: start; padding: .7rem .85rem; border-radius: 10px; background: var(--green-wash); overflow-wrap: anywhere; font-size: .92rem; }
.chain .yellow { background: var(--yellow-wash); } .chain .red { background: var(--red-wash); }
.chain li > b { display: flex; gap: .45rem; align-items: center; font-size: 1rem; color: var(--green); } .chain .yellow > b, .chain .yellow span b { color: var(--yellow); } .chain .red > b, .chain .red span b { color: var(--red); }
.chain .lamp { width: 1.25rem; height: 1.25rem; } .chain .lamp .halo { display: none; } .chain .lamp path { stroke-width: 4; }
.chain time { font-variant-numeric: tabular-nums; }
.remedy { display: grid; gap: .6rem; justify-items: start; }
@media (min-width: 60rem) { .chain { grid-template-columns: repeat(5, minmax(0, 1fr)); } }
.reasons { display: grid; gap: .5rem; padding: 0; list-style: none; }
.reasons li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .1rem .7rem; padding: .6rem .85rem; border-radius: 10px; background: var(--wash); overflow-wrap: anywhere; }
.reasons .green { background: var(--green-wash); } .reasons .yellow { background: var(--yellow-wash); } .reasons .red { background: var(--red-wash); }
.reasons b { font-weight: 640; } .reasons .green b { color: var(--green); } .reasons .yellow b { color: var(--yellow); } .reasons .red b { color: var(--red); }
.reasons li > b ~ * { grid-column: 2; } .reasons .hint { color: inherit; opacity: .9; }
.row { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .75rem 1rem; }
.row > form { display: contents; }
.fields { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .75rem; }
.fields > label, .fields > div { display: grid; grid-template-columns: minmax(0, 1fr); gap: .3rem; flex: 1 1 14rem; max-width: 26rem; min-width: 0; overflow-wrap: anywhere; }
label > span, .label { font-size: .92rem; font-weight: 560; }
label .soft { font-weight: 400; }
input, select { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid #8a949f; border-radius: 9px; background: var(--sheet); color: var(--ink); font: inherit; }
input[type=checkbox] { width: 1.2rem; min-height: 0; height: 1.2rem; accent-color: var(--accent); flex: none; }
.check .soft { flex: none; }
input[type=file] { padding: .5rem; }
.check, .fields > .check { display: flex; min-width: 0; overflow-wrap: anywhere; gap: .6rem; align-items: center; flex: 1 1 100%; max-width: none; }
button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .5rem 1.1rem; border: 1px solid var(--line); border-radius: 9px; background: var(--sheet); color: var(--ink); font: inherit; font-weight: 560; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { background: var(--wash); }
button.primary, .button.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button.primary:hover, .button.primary:hover { filter: brightness(1.08); }
button.danger { border-color: var(--red); color: var(--red); }
button:disabled { opacity: .55; cursor: default; filter: none; }
dl { display: grid; grid-template-columns: fit-content(45%) minmax(0, 1fr); gap: .4rem 1.25rem; }
dt { color: var(--soft); overflow-wrap: anywhere; } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .95rem; }
caption { padding: 0 0 .5rem; text-align: left; color: var(--soft); font-size: .92rem; }
th, td { padding: .55rem .9rem .55rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tr:last-child > td, tbody tr:last-child > th { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 560; font-size: .86rem; white-space: nowrap; }
tbody th { font-weight: 560; overflow-wrap: anywhere; } .stack th > input { float: left; margin: .15rem .6rem 0 0; } .stack th > input + a { display: flow-root; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.name { display: inline-block; max-width: 100%; text-decoration: inherit; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.cells td, .cells th { padding-right: 1.4rem; white-space: pre; font-family: var(--mono); font-size: .85rem; }
.cells td { max-width: 26rem; }
.cells details { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 16rem; } .cells summary { color: inherit; padding: 0; } .cells details[open] > summary { margin-bottom: 0; }
.cells .null { color: var(--soft); font-style: italic; }
.tag { display: inline-block; padding: .05rem .55rem; border-radius: 99px; background: var(--wash); color: var(--soft); font-size: .84rem; white-space: nowrap; }
.tag.production { background: var(--accent-wash); color: var(--accent); }
.plus { color: var(--green); } .minus { color: var(--red); } .tilde { color: var(--yellow); }
.marks { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
mark { border-radius: 3px; background: var(--yellow-wash); color: inherit; }
details > summary { width: max-content; max-width: 100%; padding: .3rem 0; color: var(--accent); cursor: pointer; }
details[open] > summary { margin-bottom: .5rem; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { fill: var(--soft); font-size: 13px; font-family: inherit; font-variant-numeric: tabular-nums; }
.chart .grid { stroke: var(--line); } .chart .line { fill: none; stroke: var(--accent); stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.chart .area { fill: var(--accent); opacity: .1; } .chart .dot { fill: var(--sheet); stroke: var(--accent); stroke-width: 2; }
.chart .size { stroke: var(--soft); stroke-dasharray: 2 5; stroke-width: 1.8; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .9rem; color: var(--soft); }
.legend svg { display: inline-block; width: 1.6rem; height: .6rem; margin-right: .45rem; vertical-align: middle; }
progress { width: 100%; height: .7rem; border: 0; border-radius: 99px; background: var(--wash); overflow: hidden; appearance: none; }
progress::-webkit-progress-bar { background: var(--wash); } progress::-webkit-progress-value { border-radius: 99px; background: var(--accent); } progress::-moz-progress-bar { background: var(--accent); }
.notice { padding: .8rem 1rem; border-radius: 10px; background: var(--wash); overflow-wrap: anywhere; }
.notice.red { background: var(--red-wash); color: var(--red); } .notice.yellow { background: var(--yellow-wash); } .notice.green { background: var(--green-wash); }
.notice.busy { background: var(--accent-wash); }
.pages { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; }
.sight { position: sticky; top: 0; z-index: 1; display: grid; gap: .2rem; padding: .9rem 1.25rem; border-radius: 12px; background: var(--green-wash); box-shadow: var(--shadow); overflow-wrap: anywhere; } .sight.red { background: var(--red-wash); } .sight.red b { color: var(--red); } .sight.green b { color: var(--green); }
.scope { display: grid; gap: .55rem; grid-template-columns: minmax(0, 1fr); min-width: 0; margin: 0; padding: 0; border: 0; } .scope legend { padding: 0 0 .3rem; font-weight: 560; } .indent { display: grid; gap: .45rem; padding-left: 1.9rem; }
input[type=radio] { width: 1.2rem; min-height: 0; height: 1.2rem; accent-color: var(--accent); flex: none; }
.times { flex: 0 1 34rem; } .times > label { flex: 1 1 12rem; }
.curve { display: block; width: 7.5rem; height: 1.6rem; } .curve polyline { fill: none; stroke: var(--accent); stroke-width: 1.6; vector-effect: non-scaling-stroke; }
.grid thead th { vertical-align: bottom; } .grid thead a { display: block; } .grid thead input { display: block; width: 100%; min-width: 5.5rem; min-height: 1.9rem; margin-top: .3rem; padding: .15rem .4rem; border-radius: 6px; font: .82rem var(--mono); }
.grid tbody th { font-weight: 400; } .grid tbody :is(th, td) { vertical-align: baseline; } .grid tbody input { margin: 0; vertical-align: middle; }
.changes { margin: .2rem 0; padding-left: 1.1rem; font-size: .92rem; overflow-wrap: anywhere; }
.filter > label { flex: 1 1 9rem; max-width: 18rem; }
.timeline { display: grid; gap: 1rem; }
.days { border: 1px solid var(--line); border-radius: 14px; background: var(--sheet); box-shadow: var(--shadow); }
.day { padding: .5rem 1.25rem; background: var(--wash); font-size: .92rem; color: var(--soft); } .day:first-child { border-radius: 13px 13px 0 0; }
.day time { color: inherit; }
.moments { margin: 0; padding: 0; list-style: none; }
.moments > li { display: grid; grid-template-columns: 1.2rem 5.4rem minmax(0, 1fr) auto; gap: .1rem 1rem; align-items: start; padding: .7rem 1.25rem; border-bottom: 1px solid var(--line); }
.days > .moments:last-child > li:last-child { border-bottom: 0; border-radius: 0 0 13px 13px; }
.moments > .loss { background: var(--red-wash); }
.said { font-weight: 560; } .said .soft { font-weight: 400; }
.below { font-size: .86rem; } .below > a { color: var(--soft); font-weight: 400; }
.moments input { margin: .15rem 0 0; }
.moments time { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.moments p { overflow-wrap: anywhere; }
.moments.life > li { grid-template-columns: 1.2rem 12rem minmax(0, 1fr); padding-inline: 0; } .life > li:last-child { border-bottom: 0; }
.commit { font-size: .92rem; }
.tags { display: inline-flex; flex-wrap: wrap; gap: .25rem; vertical-align: middle; }
.tag.good { background: var(--green-wash); color: var(--green); } .tag.bad { background: var(--red-wash); color: var(--red); }
.acts { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: start; justify-content: flex-end; font-size: .95rem; }
.menu { position: relative; } .menu summary { padding: 0 .5rem; list-style: none; border-radius: 6px; font-weight: 700; } .menu summary::-webkit-details-marker { display: none; } .menu[open] > summary { margin: 0; background: var(--wash); }
.menu ul { position: absolute; right: 0; z-index: 1; display: grid; width: max-content; margin-top: .3rem; padding: .4rem; border: 1px solid var(--line); border-radius: 10px; background: var(--sheet); box-shadow: 0 6px 24px rgb(0 0 0 / .18); list-style: none; }
.menu a { display: block; padding: .45rem .8rem; border-radius: 6px; font-weight: 400; text-decoration: none; color: var(--ink); } .menu a:hover { background: var(--wash); }
.dock { position: sticky; bottom: 0; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; padding: .7rem 1.25rem; border: 1px solid var(--line); border-radius: 12px; background: var(--sheet); box-shadow: var(--shadow); }
@media (max-width: 40rem) {
  .day { padding: .5rem .9rem; }
  .moments > li { grid-template-columns: 1.2rem auto minmax(0, 1fr); gap: .2rem .8rem; padding: .7rem .9rem; }
  .moments > li > div:nth-child(3) { grid-column: 1 / -1; }
  .moments.life > li { grid-template-columns: 1.2rem minmax(0, 1fr); }
  .acts { grid-column: 3; grid-row: 1; column-gap: .6rem; }
  h1 { font-size: 1.4rem; }
  main { padding: 1.1rem .9rem 3rem; gap: 1rem; }
  .bar { padding: .7rem .9rem 0; }
  nav ul { gap: 0 1.1rem; }
  .card, .status { padding: 1.1rem; }
  .verdict { align-items: flex-start; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
  .stack tr { padding: .8rem 0; border-bottom: 1px solid var(--line); } .stack tr:last-child { border: 0; }
  .stack td, .stack th { display: flex; justify-content: space-between; gap: 1rem; padding: .12rem 0; border: 0; text-align: right; white-space: normal; }
  .stack th { justify-content: flex-start; text-align: left; padding-bottom: .35rem; }
  .stack td::before { content: attr(data-label); color: var(--soft); font-weight: 400; text-align: left; flex: none; }
  .stack td:empty { display: none; } .stack td { align-items: center; }
  .fields > label, .fields > div { max-width: none; }
  .chain .green > span { display: none; }
}
@media (prefers-reduced-motion: no-preference) { button, .button, nav a { transition: background .12s, border-color .12s, color .12s; } }
@media print { .top, form, .button { display: none; } }
`;
