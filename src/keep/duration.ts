import { configInvalid } from '../core/problems/settings.ts';

/** `'5s'`, `'2m'`, or a number of milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds. Throws CONFIG_INVALID for what is no span of time. */
export function milliseconds(option: string, value: Duration): number {
  const [, amount = '', unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(value)) ?? [];
  const found = amount === '' ? Number.NaN : Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isFinite(found))
    throw configInvalid('the options of keep()', `has a '${option}' that cannot be: it must be a span such as '5s'`)();
  return found;
}
