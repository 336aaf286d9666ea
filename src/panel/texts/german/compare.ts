import type { compare as english } from '../english/compare.ts';
import { number } from './count.ts';

export const compare: typeof english = {
  compared: (from, to) => `Von ${from} zu ${to}`,
  theDatabase: 'der Datenbank jetzt',
  differences: 'Was anders ist',
  noDifference: 'Es gibt keinen Unterschied.',
  added: 'hinzugekommen',
  changed: 'geändert',
  removed: 'entfernt',
  keyColumn: 'Zeile',
  before: 'Vorher',
  after: 'Nachher',
  firstRows: (shown, all) => `Die ersten ${number(shown)} von ${number(all)} Zeilen.`,
  schemaChanges: 'Definitionen',
};
