import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipientText } from '../src/core/age-keys.ts';
import { publicKeyOf } from '../src/crypto/x25519.ts';
import { CONTENDERS } from './contenders.ts';
import { changeOneRow, makeDatabase } from './database.ts';
import { overwinter } from './ours.ts';

export interface Grown {
  readonly name: string;
  readonly perCommit: number;
  readonly before: number;
  readonly after: number;
  readonly clone: number;
}

/** Somebody's public key: what is encrypted to it is not opened here, as on a laptop that only commits. */
const RECIPIENT = recipientText(publicKeyOf(new Uint8Array(32).fill(7)));

type Save = (db: string, folder: string) => void;

const ours: Save = (db, folder) => {
  const [program = '', ...args] = overwinter(folder, db, 'backup', '--quiet');
  execFileSync(program, args, { cwd: folder, stdio: 'ignore' });
};

const theirs = (name: string): Save => {
  const contender = CONTENDERS.find((each) => each.name === name);
  if (contender === undefined) throw new Error(`there is no ${name}`);
  return (db, folder) => {
    const { argv, before, stdout } = contender.save(db, folder);
    before?.();
    const [program = '', ...args] = argv;
    execFileSync(program, args, {
      stdio: ['ignore', stdout === undefined ? 'ignore' : openSync(stdout, 'w'), 'ignore'],
    });
  };
};

/** Bytes that a repository grows by when one row of a 20 MB database changes before each commit. */
export function growth(folder: string, commits: number): Grown[] {
  const grow = (name: string, save: Save, config?: object): Grown => {
    console.error(`growth with ${name} …`);
    const dir = join(folder, 'growth');
    mkdirSync(dir);
    if (config !== undefined) writeFileSync(join(dir, 'overwinter.config.json'), JSON.stringify(config));
    const db = join(folder, 'growth.db');
    makeDatabase(db, 190_000);
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', dir, '-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args]);
    const commit = () => {
      save(db, dir);
      git('add', '.');
      git('commit', '-qm', 'save');
    };
    git('init', '-q');
    git('config', 'gc.auto', '0');
    writeFileSync(join(dir, '.gitignore'), '.overwinter/\n');
    commit();
    const objects = join(dir, '.git', 'objects');
    const first = sizeOf(objects);
    for (let turn = 1; turn <= commits; turn++) {
      changeOneRow(db, turn);
      commit();
    }
    const before = sizeOf(objects);
    git('gc', '-q', '--prune=now');
    const after = sizeOf(objects);
    execFileSync('git', ['clone', '-q', '--bare', `file://${dir}`, join(folder, 'clone')]);
    const clone = sizeOf(join(folder, 'clone', 'objects'));
    for (const each of [dir, join(folder, 'clone'), db]) rmSync(each, { recursive: true });
    return { name, perCommit: (before - first) / commits, before, after, clone };
  };
  return [
    grow('overwinter', ours),
    grow('overwinter, encrypted', ours, { encrypt: { recipients: [RECIPIENT] } }),
    grow('.dump', theirs('.dump')),
    grow('ten lines', theirs('ten lines')),
    grow('the database itself', theirs('.backup')),
  ];
}

function sizeOf(path: string): number {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
