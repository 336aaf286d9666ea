import type { Snapshot } from '../local/snapshots.ts';

const WITHIN_MS = 24 * 3600 * 1000;

/** What was there before something replaced the database, for as long as somebody may still regret it. */
export function undoable([last]: readonly Snapshot[], now: Date): Snapshot | undefined {
  const isFresh = last !== undefined && now.getTime() - Date.parse(last.date) < WITHIN_MS;
  return isFresh && /^before /.test(last.label) ? last : undefined;
}
