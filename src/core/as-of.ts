import { momentUnclear } from './problems/usage.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,3})?(Z|[+-]\d\d:?\d\d)?$/;
const AGO = /^(\d{1,6})([smhdw])$/;

const MILLISECONDS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/**
 * The last instant that somebody means by a moment: of a day without a time all of it, of `23:15` all that a list shows as that minute. Without a
 * zone it is UTC, as everything that is shown; `2h` and `3d` are so long ago. Throws USAGE.
 */
export function lastInstantOf(text: string, now: Date): Date {
  const [, amount, unit = ''] = AGO.exec(text) ?? [];
  if (amount !== undefined) return new Date(now.getTime() - Number(amount) * (MILLISECONDS[unit] ?? 0));
  const found = DAY.test(text) ? instant(`${text}T23:59:59.999Z`) : timeOf(text);
  if (found === undefined) throw momentUnclear(text)();
  return found;
}

function timeOf(text: string): Date | undefined {
  const [, day, minute, seconds, fraction, zone = 'Z'] = TIME.exec(text) ?? [];
  if (day === undefined || minute === undefined) return undefined;
  const rest = seconds === undefined ? ':59.999' : `${seconds}${fraction ?? '.999'}`;
  return instant(`${day}T${minute}${rest}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
}

/** Undefined for a day or a time that there is not: JavaScript would make the next of the 31st of June. */
function instant(iso: string): Date | undefined {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return undefined;
  const day = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  return day.toISOString().slice(0, 10) === iso.slice(0, 10) ? date : undefined;
}
