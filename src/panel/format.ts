import { SPANS, size } from '../core/words.ts';

/** Numbers and times as people of a language write them. */
export interface Format {
  number(value: number): string;
  signed(value: number): string;
  size(bytes: number): string;
  age(iso: string): string;
  moment(iso: string): string;
  day(iso: string): string;
  clock(iso: string): string;
  /** The time where it is of today, else the day too. */
  since(iso: string): string;
}

/** Numbers and dates as they are written where the reader is; what is a word follows the page's own language. */
export function formatIn(region: string, language: string, now: () => Date): Format {
  const numbers = new Intl.NumberFormat(region);
  const tenths = new Intl.NumberFormat(region, { minimumFractionDigits: 1 });
  const signs = new Intl.NumberFormat(region, { signDisplay: 'exceptZero' });
  const ages = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  const moments = new Intl.DateTimeFormat(region, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const clocks = new Intl.DateTimeFormat(region, { timeStyle: 'short', timeZone: 'UTC' });
  const days = new Intl.DateTimeFormat(region, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    number: (value) => numbers.format(value),
    signed: (value) => signs.format(value).replace('-', '−'),
    size: (bytes) =>
      size(bytes).replace(/^[\d.]+/, (value) => (value.includes('.') ? tenths : numbers).format(Number(value))),
    age(iso) {
      const seconds = Math.max(0, (now().getTime() - Date.parse(iso)) / 1000);
      const [span, unit] = SPANS.find(([each]) => seconds >= each) ?? [1, 'second'];
      return ages.format(-Math.floor(seconds / span), unit);
    },
    moment: (iso) => `${moments.format(new Date(iso))} UTC`,
    day: (iso) => days.format(new Date(iso)),
    since: (iso) =>
      iso.slice(0, 10) === now().toISOString().slice(0, 10)
        ? `${clocks.format(new Date(iso))} UTC`
        : `${moments.format(new Date(iso))} UTC`,
    clock: (iso) => clocks.format(new Date(iso)),
  };
}
