import type { Engine } from './engine.ts';
import { type SqliteOptions, sqliteEngine } from './sqlite/index.ts';

/** Every kind of database there is. A new one is a folder beside `sqlite/` and a line here. */
export const engines = {
  sqlite: sqliteEngine,
} satisfies Record<string, (options: SqliteOptions) => Engine>;

export type EngineKind = keyof typeof engines;
