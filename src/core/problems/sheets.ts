/** A spreadsheet does not show what it should. No word of a key, and no row, stands in any of these. */
import { hint, overwinter } from '../hint.ts';
import { problem } from './problem.ts';

export const sheetsEncrypted = problem(
  'STORE_FAILED',
  (place: string) => `No row is shown in ${place}: the backups are encrypted, and a spreadsheet is not.`,
  () => hint`Take it out of 'stores', or show the tables of a database whose backups are in plain.`,
);

export const sheetsKeyMissing = problem(
  'STORE_FAILED',
  (place: string) => `${place} cannot be asked: OVERWINTER_GOOGLE_KEY holds no key of a service account.`,
  () =>
    hint`Put the whole file that Google gave for the service account into the variable, and run ${overwinter('doctor')}.`,
);

export const sheetsNotTaken = problem(
  'STORE_FAILED',
  (place: string, why: string) => `${place} does not show the newest rows: ${why}.`,
  () => hint`${overwinter('doctor')} tries the key and the spreadsheet, and writes nothing.`,
);
