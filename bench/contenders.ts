import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './measure.ts';

/** What people use instead. Each saves a database into one file and makes a database of it again. */
export interface Contender {
  readonly name: string;
  save(db: string, folder: string): Command;
  /** From what `save` made. */
  restore(folder: string, target: string): Command;
}

const script = new URL('./ten-lines.mjs', import.meta.url).pathname;
const gone = (file: string) => () => {
  if (existsSync(file)) rmSync(file);
};

/** A contender whose file is a database itself, and is put back by copying it. */
const copying = (name: string, save: (db: string, file: string) => Command['argv']): Contender => {
  const fileIn = (folder: string) => join(folder, `${name.replace(/\W/g, '')}.db`);
  return {
    name,
    save: (db, folder) => ({ argv: save(db, fileIn(folder)), before: gone(fileIn(folder)) }),
    restore: (folder, target) => ({ argv: ['cp', fileIn(folder), target], before: gone(target) }),
  };
};

export const CONTENDERS: readonly Contender[] = [
  {
    name: '.dump',
    save: (db, folder) => ({ argv: ['sqlite3', db, '.dump'], stdout: join(folder, 'dump.sql') }),
    restore: (folder, target) => ({
      argv: ['sqlite3', target],
      stdin: join(folder, 'dump.sql'),
      before: gone(target),
    }),
  },
  copying('VACUUM INTO', (db, file) => ['sqlite3', db, `VACUUM INTO '${file}'`]),
  copying('.backup', (db, file) => ['sqlite3', db, `.backup '${file}'`]),
  {
    name: 'ten lines',
    save: (db, folder) => ({ argv: [process.execPath, script, 'save', db, join(folder, 'all.json')] }),
    restore: (folder, target) => ({
      argv: [process.execPath, script, 'restore', target, join(folder, 'all.json')],
      before: gone(target),
    }),
  },
  copying('cp', (db, file) => ['cp', db, file]),
];
