import { isFromTheFuture } from '../core/chain/future.ts';
import type { OverwinterError } from '../core/errors.ts';
import { backupStale } from '../core/problems/backups.ts';
import type { Entry } from '../operations/catalog.ts';

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86400, w: 7 * 86400 };

/** `2d`, `36h`, `90m` or `1w` in seconds; undefined for anything else. */
export function spanInSeconds(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const seconds = SECONDS[unit ?? ''];
  return seconds === undefined ? undefined : Number(digits) * seconds;
}

/** How old, in the largest unit that says at least one whole: `3 days`. */
export function spanInWords(seconds: number): string {
  const units: readonly [number, string][] = [
    [86400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ];
  const [length, name] = units.find(([each]) => seconds >= each) ?? [1, 'second'];
  const whole = Math.floor(seconds / length);
  return `${whole} ${name}${whole === 1 ? '' : 's'}`;
}

export interface Freshness {
  readonly environment: string;
  readonly limitSeconds: number;
  /** The newest backup that came from there; undefined where there is none. */
  readonly newest: string | undefined;
  readonly ageSeconds: number | undefined;
  /** It says that it was made later than now: a clock is wrong, and nobody knows how old it is. */
  readonly fromTheFuture?: true;
  readonly stale: boolean;
}

/** How fresh the newest backup of an environment is. A deployment's label keeps the age of the data it labels. */
export function freshness(entries: readonly Entry[], environment: string, limitSeconds: number, now: Date): Freshness {
  const dated = entries
    .filter((entry) => entry.metadata.origin.environment === environment)
    .map(({ name, metadata }) => ({ name, time: Date.parse(metadata.backup_date) }));
  const newest = dated.sort((a, b) => b.time - a.time)[0];
  const ageSeconds = newest && Math.max(0, Math.floor((now.getTime() - newest.time) / 1000));
  const fromTheFuture = newest !== undefined && isFromTheFuture(newest.time, now);
  const stale = ageSeconds === undefined || ageSeconds > limitSeconds || fromTheFuture;
  const about = { environment, limitSeconds, newest: newest?.name, ageSeconds };
  return { ...about, ...(fromTheFuture ? { fromTheFuture } : {}), stale };
}

export function staleProblem(found: Freshness): OverwinterError {
  return backupStale(found.environment, wordsOf(found))();
}

function wordsOf({ limitSeconds, ageSeconds, fromTheFuture }: Freshness): string {
  if (fromTheFuture)
    return 'says that it was made at a time still to come, so nobody knows how old it is: a clock was wrong';
  return ageSeconds === undefined
    ? 'is missing: there is none'
    : `is ${spanInWords(ageSeconds)} old, and ${spanInWords(limitSeconds)} is the limit`;
}
