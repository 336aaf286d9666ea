import { printableLine } from './visible.ts';

/** How numbers and times are said to people. */

const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Not by `toLocaleString`: the tables it loads for that were 20 ms of a command's time. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

export const SPANS: readonly [seconds: number, name: Intl.RelativeTimeFormatUnit][] = [
  [365 * 86400, 'year'],
  [30 * 86400, 'month'],
  [7 * 86400, 'week'],
  [86400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

export function age(seconds: number): string {
  for (const [span, name] of SPANS) {
    const whole = Math.floor(seconds / span);
    if (whole >= 1) return `${count(whole, name)} ago`;
  }
  return seconds < 5 ? 'just now' : `${count(Math.floor(seconds), 'second')} ago`;
}

/** `2026-11-20 23:15` in UTC. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

/** Columns aligned under their headings; numbers to the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const lines = rows.map((cells) => cells.map(printableLine));
  const widths = headings.map((heading, i) => Math.max(heading.length, ...lines.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(headings), ...lines.map(line)].join('\n');
}
