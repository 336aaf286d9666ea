import type { SqliteFile } from '../../core/target.ts';
import type { Engine } from '../engine.ts';
import { sqliteCodec } from './codec.ts';

export const sqlite: Engine<SqliteFile> = {
  codec: sqliteCodec,
  async open({ file }, { wait, prepare }) {
    const { sqliteDatabase } = await import('./database.ts');
    return sqliteDatabase(file, { busyTimeout: wait, ...(prepare === undefined ? {} : { prepare }) });
  },
};
