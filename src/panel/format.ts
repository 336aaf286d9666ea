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
}

export function formatIn(language: string, now: () => Date): Format {
  const numbers = new Intl.NumberFormat(language);
  const signs = new Intl.NumberFormat(language, { signDisplay: 'exceptZero' });
  const ages = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const clocks = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' });
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  return {
    number: (value) => numbers.format(value),
    signed: (value) => signs.format(value).replace('-', '−'),
    size,
    age(iso) {
      const seconds = Math.max(0, (now().getTime() - Date.parse(iso)) / 1000);
      const [span, unit] = SPANS.find(([each]) => seconds >= each) ?? [1, 'second'];
      return ages.format(-Math.floor(seconds / span), unit);
    },
    moment: (iso) => `${moments.format(new Date(iso))} UTC`,
    day: (iso) => days.format(new Date(iso)),
    clock: (iso) => clocks.format(new Date(iso)),
  };
}
