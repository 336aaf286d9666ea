import type { Across } from '../../across.ts';
import type { SqliteOptions } from '../open.ts';
import { make } from './make.ts';
import { tell } from './tell.ts';
import { types } from './types.ts';

/** How an SQLite database is copied to other kinds, and takes what was in others. */
export const sqliteAcross = (options: SqliteOptions): Across => ({
  tell: (schema, settings) => tell(schema, settings, options),
  types,
  make: (tables) => make(tables, options),
});
