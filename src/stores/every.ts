const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 };

/** The shortest time from one copy to the next, as addresses have it: `12h`, `7d`, `2w`; in milliseconds. Undefined for what is none. */
export function everyOf(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,3})([hdw])$/.exec(text) ?? [];
  const every = Number(amount) * (UNITS[unit] ?? 0);
  return every === 0 ? undefined : every;
}
