import { hint } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

export const superuser: Check = {
  id: 'superuser',
  fine: 'the database is reached by a role that may not do everything on its server',
  look({ asSuperuser }) {
    if (asSuperuser === undefined) return undefined;
    if (!asSuperuser) return [];
    const text =
      'The database is reached by a superuser: a function that a backup brings may run programs on the server while the backup is restored or tried.';
    const next = hint`Use a role that owns the database and no more: 'CREATE ROLE app LOGIN; ALTER DATABASE name OWNER TO app'.`;
    return [{ level: 'warning', text, hint: next }];
  },
};
