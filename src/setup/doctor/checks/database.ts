import type { Check } from '../check.ts';

export const database: Check = {
  id: 'database',
  fine: 'the database can be read',
  look({ databaseFault }) {
    if (databaseFault === undefined) return [];
    return [{ level: 'failure', text: databaseFault.message, hint: databaseFault.hint }];
  },
};

/** While it stands, no backup is written. */
export const hold: Check = {
  id: 'hold',
  fine: 'no failed restore holds backups back',
  look({ status: { hold: found }, run }) {
    if (found === undefined) return [];
    const text = `A restore failed on ${found.time.slice(0, 10)}, and no backup is written since: ${found.reason}`;
    const hint = `If what is in the database now is meant to be the data: '${run('backup --allow-shrink')}'.`;
    return [{ level: 'failure', text, fix: run('restore latest'), hint }];
  },
};
