import type { SqliteFile } from '../../core/target.ts';
import type { Engine } from '../engine.ts';
import { sqliteCodec } from './codec.ts';
import { NAMED_AS_ONE } from './names.ts';

export const sqlite: Engine<SqliteFile> = {
  codec: sqliteCodec,
  files: {
    begins: (beginning) => beginning === 'SQLite format 3\0',
    named: NAMED_AS_ONE,
    besides: /-(wal|shm|journal)$|-overwinter/,
  },
  async open({ file }, { wait, prepare }) {
    const { sqliteDatabase } = await import('./database.ts');
    return sqliteDatabase(file, { busyTimeout: wait, ...(prepare === undefined ? {} : { prepare }) });
  },
};
