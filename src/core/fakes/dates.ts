import { chanceOf, type Secret } from './chance.ts';
import { fakeNumber, LARGEST } from './numbers.ts';

const DAY = 86_400_000;
const MOST_DAYS = 180;

const TIME = /([T ])(\d\d)(:?)(\d\d)(?:(:?)(\d\d))?(?:([.,])(\d+))?/;
/** A time zone, or an era, as databases write them. Whatever else is written beside a day may be about somebody. */
const ZONE = /( ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d(?::?\d\d)?)?))?( (?:BC|AD))?/;
const DATE = new RegExp(`^(\\d{4}-\\d\\d-\\d\\d)(?:${TIME.source})?(${ZONE.source})$`, 'i');

const DAY_ALONE = /^\d{4}-\d\d-\d\d(?!\d)/;

/** Another day of at most half a year before or after, at another time, written the same way; of a day with a text beside it, a day alone. */
export function fakeDate(text: string, secret: Secret): string {
  const [, day = '', between, , colon = '', , second, seconds, point, part, zone = ''] = DATE.exec(text) ?? [];
  const at = Date.parse(`${day || DAY_ALONE.exec(text)?.[0]}T00:00:00Z`);
  if (Number.isNaN(at)) return SOME_DAY;
  const chance = chanceOf(secret, 'date', text);
  const made = new Date(at + shiftOf(chance) * DAY).toISOString().slice(0, 10);
  if (between === undefined) return `${made}${zone}`;
  const two = (limit: number) => String(chance.below(limit)).padStart(2, '0');
  const time = `${two(24)}${colon}${two(60)}${seconds === undefined ? '' : `${second}${two(60)}`}`;
  const digits = part === undefined ? '' : `${point}${part.replace(/\d/g, () => String(chance.below(10)))}`;
  return `${made}${between}${time}${digits}${zone}`;
}

/** What is no date at all becomes one. */
const SOME_DAY = '2000-01-01';

const shiftOf = ({ below }: ReturnType<typeof chanceOf>) => (below(2) === 0 ? -1 : 1) * (1 + below(MOST_DAYS));

/** Seconds or milliseconds since 1970; any other number is only that. */
export function fakeInstant(text: string, secret: Secret): string | undefined {
  const value = Number(text);
  const size = Math.abs(value);
  if (!Number.isInteger(value) || size < 1e8 || size > 1e14 || !/^-?\d+$/.test(text))
    return fakeNumber(text, secret, LARGEST);
  const day = size >= 1e11 ? DAY : DAY / 1000;
  const chance = chanceOf(secret, 'date', text);
  return String(Math.floor(value / day) * day + shiftOf(chance) * day + chance.below(day));
}
