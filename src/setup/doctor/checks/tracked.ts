import { relative } from 'node:path';
import { git, hint, inTurn, overwinter, program, shell } from '../../../core/hint.ts';
import type { Check } from '../check.ts';

const isOutside = (root: string, path: string) => relative(root, path).startsWith('..');

export const databaseTracked: Check = {
  id: 'database-tracked',
  fine: 'the database itself stays out of git',
  look({ survey, inGit, root, db, path }) {
    if (survey === undefined || inGit === undefined || db === undefined || isOutside(root, db)) return undefined;
    if (survey.tracked.includes(db)) {
      const text = `${path(db)} is tracked by git: every version of the whole file stays in history, and merges destroy it.`;
      const untrack = git('rm', '-q', '--cached', path(db));
      return [{ level: 'failure', text, fix: inGit.databaseIgnored ? untrack : inTurn(untrack, overwinter('init')) }];
    }
    if (inGit.databaseIgnored) return [];
    const text = `Nothing keeps 'git add .' from committing ${path(db)}.`;
    return [{ level: 'failure', text, fix: overwinter('init'), repair: 'init' }];
  },
};

export const databasePlace: Check = {
  id: 'database-place',
  fine: 'the database lies in the project',
  look({ root, db, hasRows }) {
    if (db === undefined) return undefined;
    if (!isOutside(root, db)) return [];
    const text = `${db} lies outside of the project: a fresh clone does not know where to put it back.`;
    // Beside the backups of what lies here, which may be another database's.
    const from = ['--db', db, '--dir', 'moving'];
    const move = inTurn(
      overwinter('backup', ...from),
      overwinter('restore', 'latest', ...from, '--to', 'data/app.db'),
      program('rm', '-r', 'moving'),
    );
    // A configuration that names it is for its owner to change.
    const next = hint`Where a configuration names it, name the new place there: db: 'data/app.db'.`;
    return [{ level: 'warning', text, ...(hasRows ? { fix: move } : {}), hint: next }];
  },
};

export const backupsIgnored: Check = {
  id: 'backups-ignored',
  fine: 'git sees the backups',
  look({ survey, inGit, root, dir, path }) {
    if (survey === undefined || inGit === undefined || isOutside(root, dir)) return undefined;
    if (!survey.backupsIgnored) return [];
    const text = `A .gitignore hides ${path(dir)}: the hook adds backups all the same, 'git add' and 'git status' do not.`;
    const at = relative(root, dir).replaceAll('\\', '/');
    return [{ level: 'warning', text, fix: shell`printf '%s\\n' ${`!/${at}/`} ${`!/${at}/**`} >> .gitignore` }];
  },
};
