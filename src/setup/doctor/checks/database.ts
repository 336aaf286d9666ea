import type { Check } from '../check.ts';

export const database: Check = {
  id: 'database',
  fine: 'the database can be read',
  look({ databaseFault }) {
    if (databaseFault === undefined) return [];
    return [{ level: 'failure', text: databaseFault.message, hint: databaseFault.hintPieces }];
  },
};
