import type { Entry } from '../../operations/catalog.ts';
import { html, type Markup } from '../html.ts';
import { scrolling, type View } from '../layout.ts';

const WIDTH = 480;
const HEIGHT = 210;
const LEFT = 48;
const RIGHT = 64;
const TOP = 14;
const BOTTOM = 30;
/** More dots than that are a smear. */
const MOST_DOTS = 40;
/** What the table beside the picture lists; the list of backups has the rest. */
const MOST_ROWS = 60;

type Point = readonly [x: number, y: number];

/** How rows and size grew, oldest first: a picture, and the same as a table. */
export function historyChart(view: View, newestFirst: readonly Entry[]): Markup | undefined {
  const entries = [...newestFirst].reverse();
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined || entries.length < 2) return undefined;
  const { t, format } = view;
  const times = entries.map(({ metadata }) => Date.parse(metadata.backup_date));
  const [from = 0, to = 1] = [times[0], times.at(-1)];
  const x = (index: number) => LEFT + (((times[index] ?? 0) - from) / Math.max(1, to - from)) * (WIDTH - LEFT - RIGHT);
  const scaleOf = (values: readonly number[]) => {
    const top = niceTop(Math.max(1, ...values));
    const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
    return { top, y, points: values.map((value, index): Point => [x(index), y(value)]) };
  };
  const rows = scaleOf(entries.map(({ metadata }) => metadata.rows));
  const sizes = scaleOf(entries.map(({ metadata }) => metadata.bytes));
  const ticks = [0, 0.5, 1].map((share) => {
    const y = rows.y(rows.top * share);
    return html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y)}" y2="${round(y)}"/><text x="${LEFT - 10}" y="${round(y + 4)}" text-anchor="end">${short(rows.top * share, t.language)}</text><text x="${WIDTH - RIGHT + 10}" y="${round(y + 4)}">${format.size(sizes.top * share)}</text>`;
  });
  const floor = HEIGHT - BOTTOM;
  const dots =
    entries.length > MOST_DOTS
      ? []
      : rows.points.map(([cx, cy]) => html`<circle class="dot" cx="${round(cx)}" cy="${round(cy)}" r="3.2"/>`);
  const label = t.chartLabel(format.day(first.metadata.backup_date), format.day(last.metadata.backup_date));
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${ticks}
<path class="area" d="${pathOf(rows.points)}L${round(x(entries.length - 1))} ${floor}L${LEFT} ${floor}Z"/>
<path class="line size" d="${pathOf(sizes.points)}"/>
<path class="line" d="${pathOf(rows.points)}"/>
${dots}
<text x="${LEFT}" y="${HEIGHT - 8}">${format.day(first.metadata.backup_date)}</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${format.day(last.metadata.backup_date)}</text>
</svg>
<p class="legend"><span><svg class="chart" viewBox="0 0 26 10" aria-hidden="true"><path class="line" d="M1 5h24"/></svg>${t.rows}</span><span><svg class="chart" viewBox="0 0 26 10" aria-hidden="true"><path class="line size" d="M1 5h24"/></svg>${t.size}</span></p>
<details><summary>${t.asTable}</summary>${scrolling(
    `${t.overTime}: ${t.asTable}`,
    html`<table><thead><tr><th scope="col">${t.when}</th><th scope="col" class="number">${t.rows}</th><th scope="col" class="number">${t.size}</th></tr></thead><tbody>${newestFirst
      .slice(0, MOST_ROWS)
      .map(
        ({ metadata }) =>
          html`<tr><td class="nowrap">${format.moment(metadata.backup_date)}</td><td class="number">${format.number(metadata.rows)}</td><td class="number">${format.size(metadata.bytes)}</td></tr>`,
      )}</tbody></table>`,
  )}</details>`;
}

const round = (value: number) => Math.round(value * 10) / 10;

const pathOf = (points: readonly Point[]) =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');

const short = (value: number, language: string) =>
  new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value);

/** A round number no smaller than `value`. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 3, 4, 6, 8, 10].find((each) => each * power >= value) ?? 10) * power;
}
