import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDatabase } from './database.ts';
import { type Command, race } from './measure.ts';
import { overwinter } from './ours.ts';

const SMALL = 10_000;
const LARGE = 3;
/** Long enough ago that the next look need not read them again. */
const THEN = new Date('2026-01-02T03:04:05Z');

export interface FilesCost {
  readonly what: string;
  readonly seconds: number;
  /** Our time ÷ that of `tar`, which saves and restores all of them, and does not wait for the disk. */
  readonly ratio: number | undefined;
}

/** Folders of 10,000 files of 1 KB and three of 40 MB beside a small database, against an archive of them. */
export function filesCost(
  folder: string,
  runs: number,
): { readonly costs: FilesCost[]; readonly repository: number[] } {
  const project = join(folder, 'project');
  const uploads = join(project, 'uploads');
  const db = join(project, 'app.db');
  const archive = join(folder, 'uploads.tar');
  mkdirSync(uploads, { recursive: true });
  makeDatabase(db, 1000);
  writeFileSync(join(project, 'package.json'), '{"name":"app","overwinter":{"files":["uploads"]}}');
  for (let i = 0; i < SMALL; i++) put(join(uploads, String(i % 100), `${i}.bin`), 1024);
  for (let i = 0; i < LARGE; i++) put(join(uploads, `large-${i}.bin`), 40_000_000);
  const ours = (verb: string[], before?: () => void): Command => ({
    argv: ['env', '-C', project, ...overwinter(project, db, ...verb, '--quiet')],
    ...(before === undefined ? {} : { before }),
  });
  let lost = 0;
  // ext4 passes over what was deleted within minutes, entry by entry, whenever a file is made: nobody's restore begins so.
  const putAside = (path: string) => {
    if (!existsSync(join(folder, path))) return;
    mkdirSync(join(folder, 'aside', `${++lost}`), { recursive: true });
    renameSync(join(folder, path), join(folder, 'aside', `${lost}`, 'it'));
  };
  const save: Command = {
    argv: ['tar', '-C', project, '-cf', archive, 'uploads'],
    before: () => rmSync(archive, { force: true }),
  };
  const load: Command = {
    argv: ['tar', '-C', join(folder, 'unpacked'), '-xf', archive],
    before: () => {
      putAside('unpacked');
      mkdirSync(join(folder, 'unpacked'));
    },
  };
  const forget = () => {
    for (const each of ['backups', '.overwinter']) rmSync(join(project, each), { recursive: true, force: true });
  };
  const lose = () => {
    putAside('project/uploads');
    putAside('project/app.db');
  };
  const changeOne = () => {
    put(join(uploads, '7', '7.bin'), 1024);
    // What was written a moment ago is read again whatever it looks like.
    execFileSync('sleep', ['2.1']);
  };
  const measure = (what: string, mine: Command, theirs: Command): FilesCost => {
    console.error(`files: ${what} …`);
    const { ours: seconds, ratios } = race(mine, [theirs], runs);
    return { what, seconds, ratio: ratios[0] };
  };
  const costs = [
    measure('saved for the first time', ours(['backup'], forget), save),
    measure('one small file changed', ours(['backup'], changeOne), save),
    measure('nothing changed', ours(['backup']), save),
    measure('restored into nothing', ours(['restore', 'latest', '--yes'], lose), load),
  ];
  return { costs, repository: growthOf(project, changeOne, () => execFileSync('env', ours(['backup']).argv.slice(1))) };
}

function put(path: string, bytes: number): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, randomBytes(bytes));
  utimesSync(path, THEN, THEN);
}

const COMMITS = 5;

/** Bytes of the repository with the first commit, with five more of one changed file each, and after `git gc`. */
function growthOf(project: string, change: () => void, backup: () => void): number[] {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', project, '-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args]);
  const size = () =>
    Number(
      execFileSync('du', ['-sk', join(project, '.git')])
        .toString()
        .split('\t')[0],
    ) * 1024;
  const commit = () => {
    git('add', '-A', '--', 'backups');
    git('commit', '-qm', 'save');
    return size();
  };
  rmSync(join(project, 'backups'), { recursive: true, force: true });
  git('init', '-q');
  backup();
  const first = commit();
  for (let i = 0; i < COMMITS; i++) {
    change();
    backup();
    commit();
  }
  const all = size();
  git('gc', '-q');
  return [first, all, size()];
}
