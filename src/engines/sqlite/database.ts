import { realPath } from '../../files/real-path.ts';
import type { FileDatabase, FileMark } from '../engine.ts';
import { fileFingerprint, fileSeen } from '../file-state.ts';
import { bringRows } from './bring/bring-rows.ts';
import { clear } from './clear.ts';
import { sqliteCodec } from './codec.ts';
import { defined } from './defined.ts';
import { copy } from './files.ts';
import { counts, inspect, reading } from './inspect.ts';
import { keysOf, rowidsOf } from './keys.ts';
import type { SqliteOptions } from './open.ts';
import { read } from './read.ts';
import { readSchema } from './schema.ts';
import { hasLeftovers, removeLeftovers, stage, stageCopy, standing } from './stage.ts';
import { removeDatabase, removeSideFiles } from './swap.ts';
import { readShapes } from './table-shapes.ts';
import { watch } from './watch.ts';

/** Where SQLite keeps what is not in the file itself yet, or has to go back into it. */
const BESIDES = ['-wal', '-journal'];

/** The header of a database counts its transactions, and so do the head of its WAL and of the index to that. */
const MARKS: readonly FileMark[] = [
  { end: '', head: 100, times: true },
  { end: '-wal', head: 32, times: true },
  { end: '-shm', head: 136, times: false, onlyWith: '-wal' },
];

/** An SQLite database, which need not be there. */
export function sqliteDatabase(path: string, options: SqliteOptions): FileDatabase {
  return {
    codec: sqliteCodec,
    label: path,
    // A link may come between two questions.
    get id() {
      return realPath(path);
    },
    file: {
      path,
      marks: MARKS,
      besides: ['-wal', '-shm', '-journal', '-overwinter*'],
      seen: () => fileSeen(path, BESIDES),
      at: (other) => sqliteDatabase(other, options),
      copyTo: (target) => copy(realPath(path), target, options),
      stageCopy: (from) => stageCopy(path, from, options),
      remove: () => removeDatabase(path),
      removeBesides: () => removeSideFiles(path),
    },
    fingerprint: async () => fileFingerprint(path, BESIDES),
    state: async (ignore) => inspect(path, ignore, options),
    standing: async (ignore) => standing(realPath(path), ignore, options),
    describe: async () => reading(path, options, (db) => ({ schema: readSchema(db), shapes: readShapes(db) })),
    counts: async () => counts(path, options),
    read: (scratch, select, before, takesLong) => read(path, scratch, select, options, before, takesLong),
    stage: (how, scratch) => stage(path, how, scratch, options),
    tidy: async () => removeLeftovers(path),
    isTidy: () => !hasLeftovers(path),
    clear: (tables, first) => clear(path, tables, first, options),
    bringRows: (content, slices, wanted, bringing) => bringRows(path, content, slices, wanted, bringing, options),
    watch: () => watch(path, options),
    across: async () => (await import('./across/index.ts')).sqliteAcross(options),
    keysOf: async (schema) => keysOf(schema, options),
    defined: async (schema, settings) => defined(schema, settings, options),
    slicedBy: async (schema) => rowidsOf(schema, options),
    close: async () => {},
  };
}
