import { realPath } from '../../files/real-path.ts';
import type { FileDatabase, FileMark } from '../engine.ts';
import { fileFingerprint, fileSeen } from '../file-state.ts';
import { bringRows } from './bring/bring-rows.ts';
import { checkpoint } from './checkpoint.ts';
import { clear } from './clear.ts';
import { duckdbCodec } from './codec.ts';
import { copyAside, removeFiles, SIDE_FILES } from './copy-aside.ts';
import { counts, describe, inspect, type Original, standing } from './inspect.ts';
import { defined, keysOf, slicedBy } from './keys.ts';
import { catalogOf } from './open.ts';
import { readFile } from './read.ts';
import { stage, stageCopy } from './stage.ts';
import { hasLeftovers, removeLeftovers } from './swap.ts';
import { watch } from './watch.ts';

export interface DuckdbOptions {
  /** How long to wait for somebody else's lock, in milliseconds. */
  readonly wait: number;
}

/** What is read of a file takes a lock with it when it is closed, so only what the system says of it tells anything. */
const MARKS: readonly FileMark[] = [
  { end: '', head: 0, times: true },
  { end: '.wal', head: 0, times: true },
];

/** A DuckDB database in a file, which need not be there. */
export function duckdbDatabase(path: string, options: DuckdbOptions): FileDatabase {
  // A link is followed, and may come between two questions: the file it names is what is replaced, beside its own side files.
  const original = (): Original => ({ path: realPath(path), label: path, ...options });
  return {
    codec: duckdbCodec,
    label: path,
    get id() {
      return realPath(path);
    },
    file: {
      path,
      marks: MARKS,
      besides: ['.wal*', '-overwinter*'],
      seen: () => fileSeen(path, SIDE_FILES),
      at: (other) => duckdbDatabase(other, options),
      async copyTo(target) {
        const { path: from, label, wait } = original();
        await copyAside(from, label, target, wait);
        await checkpoint(target, from, label);
      },
      stageCopy: (from) => stageCopy(original(), from),
      remove: () => removeFiles(realPath(path)),
      // A look leaves nothing beside it.
      removeBesides: () => {},
    },
    fingerprint: async () => fileFingerprint(path, SIDE_FILES),
    state: (ignore) => inspect(original(), ignore),
    standing: (ignore) => standing(original(), ignore),
    describe: () => describe(original()),
    counts: () => counts(original()),
    read: (scratch, select) => readFile(original(), catalogOf(realPath(path)), scratch, select),
    stage: (how, scratch) => stage(original(), how, scratch),
    tidy: async () => removeLeftovers(realPath(path)),
    isTidy: () => !hasLeftovers(realPath(path)),
    clear: (tables, first) => clear(original(), tables, first),
    bringRows: (content, slices, wanted, bringing) => bringRows(original(), content, slices, wanted, bringing),
    watch: () => watch(realPath(path)),
    keysOf,
    defined,
    slicedBy,
    close: async () => {},
  };
}
