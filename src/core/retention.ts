import type { Rules } from './losses.ts';
import { isShortLived } from './short-lived.ts';

/** How many backups stay: the newest `last`, and the newest of each of so many days, weeks and months. */
export interface Retention {
  readonly last: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

/** How many days back a backup may lie that this keeps by its date; at least a month, so that a guard remembers more than a weekend. */
export function daysOf({ daily, weekly, monthly }: Retention): number {
  return Math.max(31, daily, 7 * weekly, 31 * monthly);
}

export interface Dated {
  readonly name: string;
  readonly date: Date;
  /** Rows by table, where they can be seen. */
  readonly rows?: ReadonlyMap<string, number>;
}

/** What else decides which backups stay. */
export interface Circumstances extends Rules {
  readonly now: Date;
}

const day = (date: Date) => date.toISOString().slice(0, 10);
const month = (date: Date) => date.toISOString().slice(0, 7);

/** The Monday of a date's week, in UTC. */
function week(date: Date): string {
  const monday = new Date(date);
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  return day(monday);
}

const DAY = 86_400_000;

/**
 * The names to keep. The newest backup is always among them, whatever the numbers say, and so is what a loss would be undone with. One
 * that was dated by a wrong clock takes no place from others.
 */
export function keptBackups(backups: readonly Dated[], retention: Retention, around: Circumstances): Set<string> {
  const isAhead = ({ date }: Dated) => date.getTime() > around.now.getTime() + DAY;
  const all = [...backups].sort((a, b) => b.date.getTime() - a.date.getTime() || (a.name < b.name ? 1 : -1));
  const rest = all.filter((backup) => !isAhead(backup));
  return new Set([
    ...byNumbers(all.filter(isAhead), retention),
    ...byNumbers(rest, retention),
    ...lastGood(all, around),
    ...lastGood(rest, around),
  ]);
}

function byNumbers(newestFirst: readonly Dated[], retention: Retention): Set<string> {
  const kept = new Set(newestFirst.slice(0, Math.max(1, retention.last)).map((backup) => backup.name));
  const keepOnePer = (period: (date: Date) => string, howMany: number) => {
    const seen = new Set<string>();
    for (const backup of newestFirst) {
      if (seen.size >= howMany) break;
      const key = period(backup.date);
      if (!seen.has(key)) kept.add(backup.name);
      seen.add(key);
    }
  };
  keepOnePer(day, retention.daily);
  keepOnePer(week, retention.weekly);
  keepOnePer(month, retention.monthly);
  return kept;
}

/**
 * For each table that has lost most of the rows it had in any of them: the newest backup that still has most of them, and the newest
 * that has them all, so that the bar does not sink with every one that goes.
 */
function lastGood([newest, ...older]: readonly Dated[], { maxShrink, mayShrink = isShortLived }: Rules): Set<string> {
  const most = new Map<string, number>();
  for (const { rows = NONE } of older)
    for (const [table, count] of rows) most.set(table, Math.max(count, most.get(table) ?? 0));
  const kept = new Set<string>();
  for (const [table, count] of most) {
    const enough = count * (1 - maxShrink);
    if (count === 0 || (newest?.rows?.get(table) ?? 0) >= enough || mayShrink(table)) continue;
    for (const least of [enough, count]) {
      const found = older.find(({ rows = NONE }) => (rows.get(table) ?? 0) >= least);
      if (found !== undefined) kept.add(found.name);
    }
  }
  return kept;
}

const NONE: ReadonlyMap<string, number> = new Map();

/** A backup that is kept aside, or one that may have taken in what it holds. */
export interface Belonging extends Dated {
  readonly environment: string;
}

/** So many of each environment are kept aside, and all that are not a day old: nobody may have looked yet, and a loop makes many in a minute. */
const CONFLICTS = 5;
const A_MONTH = 31 * DAY;

/**
 * Of the backups that are kept aside, the names of those that stay: those of a day, and the newest few of each environment without those that lay there for a
 * month once a newer ordinary one of the environment has at least as many rows in every table.
 */
export function keptConflicts(conflicts: readonly Belonging[], ordinary: readonly Belonging[], now: Date): Set<string> {
  const newestFirst = (a: Dated, b: Dated) => b.date.getTime() - a.date.getTime();
  const isHeldBy = (conflict: Belonging) => (newer: Belonging) =>
    newer.environment === conflict.environment &&
    newer.date > conflict.date &&
    [...(conflict.rows ?? NONE)].every(([table, rows]) => (newer.rows?.get(table) ?? 0) >= rows);
  const isOver = (conflict: Belonging) =>
    now.getTime() - conflict.date.getTime() > A_MONTH && ordinary.some(isHeldBy(conflict));
  const taken = new Map<string, number>();
  const kept = new Set<string>();
  for (const conflict of [...conflicts].sort(newestFirst)) {
    const place = (taken.get(conflict.environment) ?? 0) + 1;
    taken.set(conflict.environment, place);
    const isFresh = now.getTime() - conflict.date.getTime() < DAY;
    if (isFresh || (place <= CONFLICTS && !isOver(conflict))) kept.add(conflict.name);
  }
  return kept;
}
