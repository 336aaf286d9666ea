export const style = `
:root { color-scheme: light dark; --paper: #faf9f6; --card: #fff; --ink: #1d2a26; --soft: #5c6b66; --line: #dfe3dd; --leaf: #1f6f54; --on-leaf: #fff; --out: #a33a2a; }
@media (prefers-color-scheme: dark) { :root { --paper: #121816; --card: #1a2320; --ink: #e6ece9; --soft: #9fb0aa; --line: #2e3a36; --leaf: #6cc3a0; --on-leaf: #0c1a15; --out: #f0937f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
header, main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; }
header strong { margin-right: auto; font-size: 1.125rem; }
a { color: var(--leaf); }
h1 { margin: 0; font-size: 1rem; font-weight: 500; color: var(--soft); }
h2 { margin: 0 0 .75rem; font-size: 1.0625rem; }
.balance { margin: 0 0 1.25rem; font-size: 2.75rem; font-weight: 650; letter-spacing: -.02em; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
section, .narrow { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.125rem; }
.narrow { max-width: 26rem; margin: 6vh auto; }
.narrow h1 { font-size: 1.375rem; font-weight: 650; color: var(--ink); }
.notice { border-left: .25rem solid var(--leaf); padding-left: .75rem; }
.wide { grid-column: 1 / -1; }
form { display: grid; gap: .75rem; }
form + h2 { margin-top: 1.5rem; }
form.line { display: flex; gap: .5rem; align-items: end; }
form.line label { flex: 1; }
label { display: grid; gap: .25rem; font-size: .875rem; color: var(--soft); }
input, button { font: inherit; min-height: 2.75rem; width: 100%; border-radius: .5rem; padding: .25rem .75rem; }
input { border: 1px solid var(--soft); background: var(--paper); color: var(--ink); }
button { border: 0; background: var(--leaf); color: var(--on-leaf); font-weight: 600; cursor: pointer; }
button.plain { width: auto; background: none; color: var(--leaf); padding: 0; }
form.line button { width: auto; }
:focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; }
td, th { padding: .5rem .25rem; border-bottom: 1px solid var(--line); text-align: left; font-weight: 400; }
tr:last-child > * { border-bottom: 0; }
td.money { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.in { color: var(--leaf); } .out { color: var(--out); }
small { color: var(--soft); }
progress, meter { width: 100%; height: .75rem; accent-color: var(--leaf); }
`;
