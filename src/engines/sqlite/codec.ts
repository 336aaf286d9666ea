import { bookkeepingOf } from '../../core/bookkeeping.ts';
import type { ContentCodec } from '../codec.ts';
import { readForeign } from './foreign.ts';
import { fold } from './names.ts';
import { settingsIn } from './settings.ts';
import { columnsIn } from './sql/columns-in.ts';
import { countedTables } from './sql/counted-tables.ts';
import { quotedIn } from './sql/sql-words.ts';

export const sqliteCodec: ContentCodec = {
  databaseType: 'sqlite',
  name: 'SQLite',
  kinds: ['table', 'index', 'view', 'trigger'],
  fold,
  readSettings: settingsIn,
  countedTables,
  quotedIn,
  // It stands first, where a table has no key that it follows from.
  ownNumber: (members) => members.values().next().value,
  readForeign,
  isInternal,
  bookkeepingOf: ({ type, name, sql }) => (type === 'table' ? bookkeepingOf(name, () => columnsIn(sql)) : undefined),
};

/** Whether SQLite makes and keeps a table by itself. */
export function isInternal(table: string): boolean {
  return /^sqlite_/i.test(table);
}
