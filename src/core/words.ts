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

/** Before a kind of database, as it is said: an SQLite file. */
export const article = (kind: string): string => (/^(SQL|[AEIOU])/.test(kind) ? 'an' : 'a');

/** `All 3 rows are`, and `The one row is`. */
export function all(value: number, one: string): string {
  return value === 1 ? `The one ${one} is` : `All ${count(value, one)} are`;
}

/** `1 row is`, `3 rows are`. */
export const countAre = (value: number, one: string): string => `${count(value, one)} ${value === 1 ? 'is' : 'are'}`;

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
