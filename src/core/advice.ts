import type { Trouble } from './chain/facts.ts';
import { CONFIG, hint, overwinter, setting } from './hint.ts';

/** What ends a hold: no backup is written while a restore that failed stands. */
export const MADE_FOR_DEVELOPMENT = hint`No backup of it is written. ${overwinter('restore', 'latest')} brings the data itself.`;

export const TO_LIFT_A_HOLD = hint`${overwinter('restore', 'latest')} brings the data back; if what is there now is meant to be the data, ${overwinter('backup', '--allow-shrink')}.`;

/** What to know on a host that forgets snapshots, of a database that it does not forget. */
export const noSnapshotsOn = (host: string, label: string): string =>
  `This runs on ${host}, which forgets its files, so no snapshots of ${label} are taken here: what is to be undone later needs a backup that reaches another place. OVERWINTER_HOST=none says that this disk stays.`;

/** What to know on a host that forgets the backups written there. */
export function adviceOnHost(name: string): Required<Trouble> {
  return {
    text: `This runs on ${name}: backups written here are lost with the host unless they are pushed.`,
    hint: hint`${setting({ stores: ['branch:backups'] })} in ${CONFIG} brings each to a branch, ${overwinter('init')} sets up the workflow that keeps them; OVERWINTER_HOST=none says that this disk stays.`,
  };
}
