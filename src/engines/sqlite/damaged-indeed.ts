import { spawnSync } from 'node:child_process';
import { codeOf } from '../../core/system-error.ts';
import { isThere } from '../../files/if-there.ts';
import { toStartPrograms } from '../../files/programs.ts';
import { connect } from './driver.ts';

/**
 * SQLite says of a disk that does not answer what it says of a damaged file, and lets nobody ask which it was. So whoever would believe it
 * looks again: false where the file cannot be read at all, or is sound now. What takes one that cannot be read for damaged puts an older
 * one in its place.
 */
export function isDamagedIndeed(path: string): boolean {
  const files = [path, `${path}-wal`, `${path}-journal`].filter((file) => isThere(file));
  // What is gone cannot be asked again.
  if (!files.includes(path)) return true;
  // Another process must read it: closing the file here would drop the locks that this process has on it.
  const read = spawnSync('cat', ['--', ...files], {
    env: toStartPrograms(process.env),
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  if (read.error === undefined && read.status !== 0) return false;
  return !isSound(path);
}

/** A row of SQLite's own check that tells what kept it from looking: the last byte is the kind of error, 7, 10 and 14 the system's. */
const isOfTheSystem = (row: string): boolean => {
  const code = /error code=(\d+)/.exec(row)?.[1];
  return code !== undefined && [7, 10, 14].includes(Number(code) & 0xff);
};

function isSound(path: string): boolean {
  try {
    const db = connect(path, { readonly: true, fileMustExist: true });
    try {
      db.pragma('ignore_check_constraints = on');
      const [first = 'ok'] = db.prepare<[], string>('PRAGMA integrity_check(1)').pluck().iterate();
      return first === 'ok' || isOfTheSystem(first);
    } finally {
      db.close();
    }
  } catch (error) {
    return /^SQLITE_(IOERR|NOMEM|CANTOPEN)/.test(codeOf(error));
  }
}
