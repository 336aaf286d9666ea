import type { Database, EngineKind } from './engine.ts';
import { type SqliteOptions, sqliteDatabase } from './sqlite/index.ts';

/** Every kind of database there is. A new one is a folder beside `sqlite/` and a line here. */
export const engines = {
  sqlite: sqliteDatabase,
} satisfies Record<EngineKind, (target: string, options: SqliteOptions) => Database>;
