import type { Entry } from '../../operations/catalog.ts';
import { html, type Markup } from '../html.ts';
import { scrolling, type View } from '../layout.ts';

const WEEKS = 26;
const CELL = 13;
const STEP = 16;
const DAY = 86_400_000;
const TOP = 18;

/** On which days of the last half year backups were made, a column a week: a picture, and the same as a table. */
export function backupCalendar({ t, format }: View, entries: readonly Entry[], today: Date): Markup {
  const counts = new Map<string, number>();
  for (const { metadata } of entries) {
    const day = metadata.backup_date.slice(0, 10);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const now = Date.parse(`${today.toISOString().slice(0, 10)}T00:00:00Z`);
  const monday = now - ((new Date(now).getUTCDay() + 6) % 7) * DAY - (WEEKS - 1) * 7 * DAY;
  const days = Array.from({ length: Math.round((now - monday) / DAY) + 1 }, (_, index) =>
    new Date(monday + index * DAY).toISOString(),
  );
  const withSome = days.filter((day) => counts.has(day.slice(0, 10)));
  const total = withSome.reduce((sum, day) => sum + (counts.get(day.slice(0, 10)) ?? 0), 0);
  const cells = days.map((day, index) => {
    const count = counts.get(day.slice(0, 10)) ?? 0;
    const [x, y] = [Math.floor(index / 7) * STEP, TOP + (index % 7) * STEP];
    return html`<rect class="${shade(count)}" x="${x}" y="${y}" width="${CELL}" height="${CELL}" rx="3"><title>${format.day(day)}: ${t.backupsCount(count)}</title></rect>`;
  });
  const months = days.flatMap((day, index) => {
    if (day.slice(8, 10) !== '01' || index / 7 > WEEKS - 2) return [];
    const name = new Intl.DateTimeFormat(t.language, { month: 'short', timeZone: 'UTC' }).format(new Date(day));
    return [html`<text x="${Math.ceil(index / 7) * STEP}" y="11">${name}</text>`];
  });
  const rows = [...withSome]
    .reverse()
    .map(
      (day) =>
        html`<tr><td class="nowrap">${format.day(day)}</td><td class="number">${counts.get(day.slice(0, 10)) ?? 0}</td></tr>`,
    );
  return html`<svg class="chart calendar" viewBox="0 0 ${WEEKS * STEP} ${TOP + 7 * STEP}" role="img" aria-label="${t.calendarLabel(total, withSome.length)}">${months}${cells}</svg>
<details><summary>${t.asTable}</summary>${scrolling(`${t.calendar}: ${t.asTable}`, html`<table><thead><tr><th scope="col">${t.day}</th><th scope="col" class="number">${t.backups}</th></tr></thead><tbody>${rows}</tbody></table>`)}</details>`;
}

function shade(count: number): string {
  if (count === 0) return 'none';
  if (count === 1) return 'some';
  return count < 5 ? 'more' : 'most';
}
