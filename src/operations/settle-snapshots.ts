import type { Database } from '../engines/engine.ts';
import { forgetSnapshot, unsettledSnapshots } from '../local/snapshots.ts';
import { forgetTakenFor, isDone, takenFor } from '../local/taken-for.ts';

/**
 * A restore that was killed leaves the snapshot that it took. Where nothing came in the database's place, that is no way back: it goes, as after
 * a restore that failed. The caller holds the database's lock.
 */
export async function settleSnapshots(local: string, { id: db, wentThrough }: Database): Promise<void> {
  for (const id of unsettledSnapshots(local, db)) {
    const what = takenFor(local, id);
    const done = what === undefined || isDone(what);
    const isThrough = typeof done === 'boolean' ? done : await wentThrough?.(done.transaction);
    if (isThrough === true) forgetTakenFor(local, id);
    if (isThrough === false) forgetSnapshot(local, id);
  }
}
