import type { Standing } from './standing.ts';

/** So many gaps between successes tell how often something happens. */
export const MOST_GAPS = 10;

const HOUR = 3600;
const DAY = 24 * HOUR;

/** From this on it is out of date, however seldom it happens, or before this it never is. In seconds. */
const BOUNDS = {
  /** `keep` looks at the database daily, even where nothing changes. */
  backup: { least: 2 * DAY, unknown: 7 * DAY, most: 60 * DAY },
  /** Drills follow new backups, or a schedule of somebody's own. */
  verify: { least: 30 * DAY, unknown: 60 * DAY, most: 180 * DAY },
} as const;

/** How long a place may be without a backup that there is. */
const COPY_PATIENCE = DAY;

/** After how many seconds without a success something is out of date, by how often it succeeded so far: twice the longest pause. */
export function staleAfter(subject: keyof typeof BOUNDS, gaps: readonly number[]): number {
  const { least, unknown, most } = BOUNDS[subject];
  if (gaps.length === 0) return unknown;
  return Math.min(most, Math.max(least, 2 * Math.max(...gaps)));
}

/** Whether too long ago is what should have happened since. `all` are those of the same project. */
export function isStale(standing: Standing, all: readonly Standing[], now: Date): boolean {
  const { subject, lastFine, gaps } = standing;
  const secondsSince = (date: string) => (now.getTime() - Date.parse(date)) / 1000;
  if (lastFine === undefined) return false;
  switch (subject) {
    case 'backup':
    case 'verify':
      return secondsSince(lastFine) > staleAfter(subject, gaps);
    case 'copy': {
      const backup = all.find((each) => each.subject === 'backup' && each.database === standing.database);
      const { lastNew } = backup ?? {};
      return lastNew !== undefined && lastNew > lastFine && secondsSince(lastNew) > COPY_PATIENCE;
    }
    // It happens when it is needed.
    case 'boot':
      return false;
  }
}
