import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changeOneRow, makeDatabase } from './database.ts';
import { median, time } from './measure.ts';
import { overwinter } from './ours.ts';

export interface HookCost {
  readonly what: string;
  /** Milliseconds that a commit takes longer. */
  readonly extra: number;
}

/** What `git commit` costs more in a project with a 20 MB database, than without hooks. */
export function hookCost(folder: string, runs: number): HookCost[] {
  const project = join(folder, 'project');
  mkdirSync(project);
  const db = join(project, 'app.db');
  makeDatabase(db, 190_000);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', project, '-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args]);
  git('init', '-q');
  writeFileSync(join(project, '.gitignore'), '.overwinter/\n*.db\n');
  // As 'init' sets it up: it finds the database and the folder by itself.
  const [node = '', main = ''] = overwinter(project, db);
  const hook = [node, main, 'hook', 'pre-commit'].map((word) => `'${word}'`);
  writeFileSync(join(project, '.git', 'hooks', 'pre-commit'), `#!/bin/sh\nexec ${hook.join(' ')}\n`, { mode: 0o755 });
  let turn = 0;
  const commit = (...options: string[]) => {
    writeFileSync(join(project, 'note.txt'), `note ${++turn}`);
    git('add', 'note.txt');
    const who = ['-c', 'user.name=b', '-c', 'user.email=b@example.org'];
    return time({ argv: ['git', '-C', project, ...who, 'commit', '-qm', 'note', ...options] });
  };
  const extra = (before: () => void) => {
    before();
    commit();
    return median(
      Array.from({ length: runs }, () => {
        const without = commit('--no-verify');
        before();
        return (commit() - without) * 1000;
      }),
    );
  };
  console.error('hook …');
  return [
    { what: 'nothing changed', extra: extra(() => {}) },
    { what: 'one row changed', extra: extra(() => changeOneRow(db, ++turn)) },
  ];
}
