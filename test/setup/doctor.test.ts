import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { placeHold } from '../../src/local/hold.ts';
import { backup } from '../../src/operations/backup.ts';
import { isNewEnough } from '../../src/setup/doctor/checks/machine.ts';
import { readersOf, webAddress } from '../../src/setup/doctor/gather.ts';
import { ageKey } from '../support/age.ts';
import {
  doctor,
  type Examination,
  examination,
  healthy,
  likeEvery,
  must,
  type Patient,
  program,
  type,
} from '../support/ailing.ts';
import { isSlow } from '../support/chance.ts';
import { run, runBeside } from '../support/deployment.ts';
import { contents } from '../support/project-shapes.ts';
import { addRows, rowsIn } from '../support/repository.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

const HUSKY = resolve(import.meta.dirname, '../../node_modules/husky');

interface Case {
  readonly name: string;
  /** The check that is to speak. */
  readonly id: string;
  readonly level: 'failure' | 'warning';
  readonly says: RegExp;
  make?(): Patient;
  /** Makes a healthy project ail; answers where the doctor is called, where that is not the app's folder. */
  spoil(project: Patient): string | undefined | void | Promise<void>;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** Where the command that was named cannot be run here: what it would do. */
  readonly instead?: { readonly fix: RegExp; do(project: Patient): void };
  /** What must be so after the command, besides the doctor's silence. */
  after?(project: Patient): void;
}

const pathOf = (project: Patient, file: string) => join(project.app, 'backups', file);
const manifestsOf = (project: Patient) =>
  readdirSync(join(project.app, 'backups')).filter((file) => /^backup_/.test(file));
const partsOf = (project: Patient) =>
  readdirSync(join(project.app, 'backups/parts'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => join(project.app, 'backups/parts', file));

function huskyProject(inside?: string): Patient {
  const manifest = { name: 'app', private: true, devDependencies: { husky: '^9' } };
  const files = {
    [inside === undefined ? 'package.json' : `${inside}/package.json`]: JSON.stringify(manifest),
    ...(inside === undefined ? {} : { 'package.json': '{"private":true}' }),
    '.gitignore': 'node_modules\n',
  };
  return healthy({
    files,
    ...(inside === undefined ? {} : { inside }),
    install: ({ top }) => {
      symlinkSync(HUSKY, join(top, 'node_modules/husky'));
      program(top, 'husky', `exec '${process.execPath}' '${HUSKY}/bin.js' "$@"`);
    },
  });
}

/** A commit on a day long past, and everything after it too. */
function long(project: Patient, days: number): void {
  const date = new Date(Date.now() - days * 86_400_000).toISOString();
  project.git(['commit', '-q', '--amend', '--no-edit', '--no-verify'], { env: { GIT_COMMITTER_DATE: date } });
  project.git(['push', '-q', '--force', 'origin', 'main']);
}

const CASES: readonly Case[] = [
  {
    name: 'the hook is not there',
    id: 'hook',
    level: 'failure',
    says: /no hook in/i,
    spoil: ({ top }) => rmSync(join(top, '.git/hooks/pre-commit')),
    after: ({ app, database, git, write, changed }) => {
      addRows(database, 1);
      write('code.txt', 'x');
      git(['add', 'code.txt']);
      git(['commit', '-qm', 'more']);
      expect(changed().some((path) => /backup_.*json$/.test(path))).toBe(existsSync(join(app, 'backups')));
    },
  },
  {
    name: 'the hook may not be executed',
    id: 'hook',
    level: 'failure',
    says: /may not be executed/,
    spoil: ({ top }) => chmodSync(join(top, '.git/hooks/pre-commit'), 0o644),
  },
  {
    name: 'the hook is another than this version writes',
    id: 'hook',
    level: 'warning',
    says: /not the one this version would write/,
    spoil: ({ read, write }) =>
      write('.git/hooks/pre-commit', read('.git/hooks/pre-commit').replace('exec node', 'exec  node')),
  },
  {
    name: 'core.hooksPath shadows the hook',
    id: 'hook',
    level: 'failure',
    says: /core\.hooksPath has git look in \.githooks/,
    spoil: ({ git }) => void git(['config', 'core.hooksPath', '.githooks']),
  },
  {
    name: 'core.hooksPath names a folder elsewhere',
    id: 'hook',
    level: 'failure',
    says: /outside of this project/,
    spoil: ({ git }) => void git(['config', 'core.hooksPath', scratch()]),
  },
  {
    name: "everybody's core.hooksPath names a folder elsewhere",
    id: 'hook',
    level: 'failure',
    says: /core\.hooksPath, global/,
    env: { GIT_CONFIG_GLOBAL: join(import.meta.dirname, '../fixtures/hooks-elsewhere.gitconfig') },
    spoil: () => {},
  },
  {
    name: 'husky is not set up in this clone',
    id: 'hook-runs',
    level: 'failure',
    says: /^Husky is not set up in this clone/,
    make: huskyProject,
    spoil: () => {},
    after: ({ git }) => expect(git(['config', 'core.hooksPath']).trim()).toBe('.husky/_'),
  },
  {
    name: 'husky was never set up in a linked work tree',
    id: 'hook-runs',
    level: 'failure',
    says: /linked work tree/,
    make: huskyProject,
    spoil(project) {
      type(project.top, 'npx husky');
      const tree = join(scratch(), 'linked');
      project.git(['worktree', 'add', '-q', '-b', 'side', tree]);
      symlinkSync(join(project.top, 'node_modules'), join(tree, 'node_modules'));
      mkdirSync(join(tree, 'data'));
      addRows(join(tree, 'data/app.db'), 5);
      return tree;
    },
  },
  {
    name: 'husky in a subfolder of a monorepo',
    id: 'hook-runs',
    level: 'failure',
    says: /only from the folder that holds \.git/,
    make: () => huskyProject('packages/the app'),
    spoil: ({ app }) => void type(app, 'npx husky'),
    after: ({ git }) => expect(git(['config', 'core.hooksPath']).trim()).toBe('packages/the app/.husky/_'),
  },
  {
    name: "'prepare' fails where husky is left out",
    id: 'prepare-script',
    level: 'warning',
    says: /production install/,
    make: huskyProject,
    spoil: ({ read, write }) =>
      write('package.json', JSON.stringify({ ...JSON.parse(read('package.json')), scripts: { prepare: 'husky' } })),
    after: ({ read }) => expect(JSON.parse(read('package.json')).scripts.prepare).toBe('husky || true'),
  },
  {
    name: 'lefthook was not installed since',
    id: 'hook-runs',
    level: 'failure',
    says: /lefthook was not installed/,
    make: () =>
      healthy({ files: { 'package.json': '{}', 'lefthook.yml': 'pre-push:\n', '.gitignore': 'node_modules\n' } }),
    spoil: () => {},
    instead: {
      fix: /^npx lefthook install$/,
      do: ({ write }) => write('.git/hooks/pre-commit', '#!/bin/sh\nexec lefthook run pre-commit\n'),
    },
  },
  {
    name: 'lefthook is shadowed by core.hooksPath',
    id: 'hook-runs',
    level: 'failure',
    says: /shadows what lefthook installs/,
    make: () =>
      healthy({ files: { 'package.json': '{}', 'lefthook.yml': 'pre-push:\n', '.gitignore': 'node_modules\n' } }),
    spoil(project) {
      program(project.top, 'lefthook', 'echo "# lefthook" > .git/hooks/pre-commit');
      type(project.top, 'npx lefthook install');
      project.git(['config', 'core.hooksPath', '.githooks']);
    },
  },
  {
    name: 'the database is tracked',
    id: 'database-tracked',
    level: 'failure',
    says: /tracked by git/,
    spoil({ git }) {
      git(['add', '-f', 'data/app.db']);
      git(['commit', '-q', '--no-verify', '-m', 'oops']);
    },
    after: ({ database, git }) => {
      expect(rowsIn(database)).toBe(5);
      expect(git(['ls-files', 'data'])).toBe('');
    },
  },
  {
    name: 'nothing ignores the database',
    id: 'database-tracked',
    level: 'failure',
    says: /git add \./,
    spoil: ({ write }) => write('.gitignore', 'node_modules\n'),
  },
  ...['backups', '/backups/', '*.json', '**/backups/*'].map(
    (pattern): Case => ({
      name: `${pattern} is ignored`,
      id: 'backups-ignored',
      level: 'warning',
      says: /hides backups/,
      spoil: ({ read, write }) => write('.gitignore', `${read('.gitignore')}${pattern}\n`),
    }),
  ),
  {
    name: 'git may change line ends',
    id: 'line-ends',
    level: 'warning',
    says: /line ends/,
    spoil: ({ git }) => void git(['rm', '-q', 'backups/.gitattributes']),
  },
  {
    name: 'git does change line ends',
    id: 'line-ends',
    level: 'failure',
    says: /line ends/,
    spoil(project) {
      writeFileSync(pathOf(project, '.gitattributes'), '* text');
      project.git(['config', 'core.autocrlf', 'true']);
    },
  },
  {
    name: 'a hold was left behind',
    id: 'saved',
    level: 'failure',
    says: /restoring it failed on 2026-01-02/,
    spoil({ app, database }) {
      rmSync(database);
      placeHold(join(app, '.overwinter'), database, 'the disk was full', new Date('2026-01-02'));
    },
    after: ({ database }) => expect(rowsIn(database)).toBe(5),
  },
  {
    name: 'the database cannot be read',
    id: 'database',
    level: 'failure',
    says: /is not an SQLite database/,
    spoil: ({ database }) => writeFileSync(database, 'not a database, but long enough to be one '.repeat(50)),
    instead: { fix: /^$/, do: ({ app }) => must(run(app, ['restore', 'latest'])) },
  },
  {
    name: 'there is no backup',
    id: 'saved',
    level: 'failure',
    says: /There is no backup yet/,
    spoil({ app, git }) {
      rmSync(join(app, 'backups'), { recursive: true });
      git(['commit', '-q', '--no-verify', '-am', 'begin anew']);
    },
  },
  {
    name: 'backups are stale',
    id: 'saved',
    level: 'failure',
    says: /At least 1 row is in no backup .* made 1 month ago/,
    spoil: (project) => makeOld(project, 40),
  },
  {
    name: 'backups are getting stale',
    id: 'saved',
    level: 'warning',
    says: /made 1 week ago/,
    spoil: (project) => makeOld(project, 10),
  },
  {
    name: 'a manifest was spoilt since it was committed',
    id: 'readable',
    level: 'failure',
    says: /merge conflict/,
    spoil: (project) => writeFileSync(pathOf(project, manifestsOf(project)[0] ?? ''), '<<<<<<< HEAD\n=======\n'),
  },
  {
    name: 'a manifest was committed spoilt',
    id: 'readable',
    level: 'warning',
    says: /not a whole manifest/,
    spoil(project) {
      writeFileSync(pathOf(project, 'torn.json'), '{"metadata":');
      project.git(['add', '-f', 'backups']);
      project.git(['commit', '-q', '--no-verify', '-m', 'torn']);
    },
  },
  {
    name: 'a spoilt manifest lies about',
    id: 'readable',
    level: 'warning',
    says: /not a whole manifest/,
    spoil: (project) => writeFileSync(pathOf(project, 'torn.json'), '{"metadata":'),
  },
  {
    name: 'a part is missing that git has',
    id: 'parts',
    level: 'failure',
    says: /is missing or cut, and git still has it/,
    make: large,
    spoil: (project) => rmSync(partsOf(project)[0] ?? ''),
  },
  {
    name: 'a part is missing that git never had',
    id: 'parts',
    level: 'failure',
    says: /not among git's objects/,
    make: large,
    spoil(project) {
      const before = new Set(partsOf(project));
      addRows(project.database, 300);
      must(run(project.app, ['backup']));
      for (const part of partsOf(project)) if (!before.has(part)) rmSync(part);
    },
  },
  {
    name: 'a part is missing in a shallow clone',
    id: 'parts',
    level: 'failure',
    says: /not among git's objects/,
    make: large,
    spoil(project) {
      project.git(['rm', '-q', ...partsOf(project)]);
      project.git(['commit', '-q', '--no-verify', '-m', 'drop']);
      project.git(['push', '-q']);
      const top = join(scratch(), 'shallow');
      project.git(['clone', '-q', '--depth=1', `file://${project.remote}`, top]);
      symlinkSync(join(project.top, 'node_modules'), join(top, 'node_modules'));
      return top;
    },
  },
  {
    name: 'a merge tool left files',
    id: 'leftovers',
    level: 'warning',
    says: /merge tool/,
    spoil(project) {
      for (const file of ['latest_backup.json.orig', 'latest_backup_BASE_4711.json', 'latest_backup_LOCAL_4711.json'])
        writeFileSync(pathOf(project, file), '{}');
    },
    after: (project) => {
      expect(existsSync(pathOf(project, 'latest_backup.json.orig'))).toBe(false);
      expect(manifestsOf(project)).toHaveLength(1);
    },
  },
  {
    name: 'no post-commit hook tidied the index',
    id: 'leftovers',
    level: 'warning',
    says: /left the index behind/,
    spoil: (project) => project.write('.git/overwinter-resync', `backups/${manifestsOf(project)[0]}`),
  },
  {
    name: 'the pointer is in conflict',
    id: 'leftovers',
    level: 'failure',
    says: /waits for a conflict in backups\/latest_backup\.json/,
    spoil(project) {
      project.git(['config', '--remove-section', 'merge.overwinter']);
      project.git(['checkout', '-q', '-b', 'side']);
      commitPointer(project, 'side');
      project.git(['checkout', '-q', 'main']);
      commitPointer(project, 'main');
      project.tryGit(['merge', 'side']);
      expect(project.read('backups/latest_backup.json')).toContain('<<<<<<<');
    },
    after: (project) => {
      expect(JSON.parse(project.read('backups/latest_backup.json')).name).toBe('on-main');
      project.git(['commit', '-q', '--no-verify', '-m', 'merge']);
    },
  },
  {
    name: 'the pointer holds the marks of a conflict',
    id: 'pointer',
    level: 'warning',
    says: /pointer cannot be read/,
    spoil: (project) =>
      writeFileSync(pathOf(project, 'latest_backup.json'), '<<<<<<< HEAD\n{}\n=======\n>>>>>>> side\n'),
  },
  {
    name: 'the pointer is missing',
    id: 'pointer',
    level: 'warning',
    says: /pointer is missing/,
    spoil: (project) => rmSync(pathOf(project, 'latest_backup.json')),
  },
  {
    name: 'this clone has no merge driver',
    id: 'merge-driver',
    level: 'warning',
    says: /merge driver/,
    spoil: ({ git }) => void git(['config', '--unset', 'merge.overwinter.driver']),
  },
  {
    name: 'there is no remote',
    id: 'pushed',
    level: 'warning',
    says: /there is no remote/,
    spoil: ({ git }) => void git(['remote', 'remove', 'origin']),
    instead: {
      fix: /^gh repo create /,
      do({ git, remote }) {
        git(['remote', 'add', 'origin', remote]);
        git(['push', '-q', '-u', 'origin', 'main']);
      },
    },
  },
  {
    name: 'no workflow runs',
    id: 'workflow',
    level: 'warning',
    says: /No workflow/,
    args: ['--offline'],
    spoil: ({ git }) => void git(['remote', 'set-url', 'origin', 'git@github.com:ada/app.git']),
    after: ({ app }) => expect(readdirSync(join(app, '.github/workflows'))).toHaveLength(3),
  },
  {
    name: 'the repository is too quiet for its schedule',
    id: 'schedule',
    level: 'warning',
    says: /for 5\d days/,
    spoil(project) {
      project.write('.github/workflows/check.yml', "on:\n  schedule:\n    - cron: '1 2 * * *'\n# overwinter\n");
      long(project, 50);
    },
  },
  {
    name: 'this is no repository',
    id: 'repository',
    level: 'failure',
    says: /in no git repository/,
    spoil: ({ top }) => rmSync(join(top, '.git'), { recursive: true }),
  },
  {
    name: 'Overwinter is not installed',
    id: 'installed',
    level: 'failure',
    says: /not in node_modules/,
    spoil: ({ top }) => rmSync(join(top, 'node_modules/overwinter')),
    instead: {
      fix: /^npm install overwinter$/,
      do: ({ top }) => symlinkSync(resolve(import.meta.dirname, '../..'), join(top, 'node_modules/overwinter')),
    },
  },
];

function large(): Patient {
  return likeEvery('large', () => {
    const project = healthy({}, lasting());
    addRows(project.database, 400);
    must(run(project.app, ['backup']));
    project.git(['add', '.']);
    project.git(['commit', '-q', '--no-verify', '-m', 'more']);
    project.git(['push', '-q']);
    return project;
  });
}

/** A backup of long ago, and rows that were written since. */
async function makeOld(project: Patient, days: number, rows = 1): Promise<void> {
  rmSync(join(project.app, 'backups'), { recursive: true });
  const now = () => new Date(Date.now() - days * 86_400_000);
  const identity = { name: 'app', isNamed: false, path: 'data/app.db' };
  await backup(projectIn(project.app, { db: project.database, identity, now }), { trigger: 'test' });
  if (rows > 0) addRows(project.database, rows);
}

function commitPointer(project: Patient, name: string): void {
  addRows(project.database, 1);
  must(run(project.app, ['backup', `on-${name}`]));
  project.git(['add', '-f', 'backups']);
  project.git(['commit', '-q', '--no-verify', '-m', name]);
}

const spoken = ({ found }: Examination, id: string) => found[id] ?? [];

/** The doctor names it, the command that is given fixes it, and then the doctor is silent about it. */
test.each(CASES.map((each): [string, Case] => [each.name, each]))('%s', async (_name, ailment) => {
  const project = ailment.make?.() ?? healthy();
  const folder = (await ailment.spoil(project)) ?? project.app;
  const before = doctor(folder, ailment.args, ailment.env);
  const [finding] = spoken(before, ailment.id);
  expect(finding, JSON.stringify(before.found)).toMatchObject({ level: ailment.level });
  expect(finding?.text).toMatch(ailment.says);
  expect(before.ok).toBe(
    Object.values(before.found)
      .flat()
      .every(({ level }) => level !== 'failure'),
  );
  expect(before.code).toBe(before.ok ? 0 : 1);
  if (ailment.instead === undefined) type(folder, finding?.fix ?? 'false', ailment.env);
  else {
    expect(finding?.fix ?? '').toMatch(ailment.instead.fix);
    ailment.instead.do(project);
  }
  expect(spoken(doctor(folder, ailment.args, ailment.env), ailment.id)).toEqual([]);
  ailment.after?.(project);
});

test('nothing is said of a healthy project, and --fix changes nothing in it', () => {
  const project = healthy();
  expect(doctor(project.app)).toMatchObject({ code: 0, ok: true, found: {} });
  const before = contents(project.top);
  expect(doctor(project.app, ['--fix'])).toMatchObject({ code: 0, ok: true, found: {}, repaired: [] });
  expect(contents(project.top)).toEqual(before);
  expect(project.status()).toBe('');
  const said = run(project.app, ['doctor']);
  expect(said.stdout).toContain('✓ The hook saves the data with every commit\n');
  expect(said.stdout).toContain('\nNo problems found.\n');
});

test('a file that was written to, and says what the old backup says, is no reason to alarm', async () => {
  const project = healthy();
  await makeOld(project, 40, 0);
  expect(doctor(project.app).found).not.toHaveProperty('saved');
});

test('--fix does what can do no harm, and names the rest', () => {
  const project = large();
  rmSync(join(project.top, '.git/hooks/pre-commit'));
  rmSync(pathOf(project, 'latest_backup.json'));
  project.git(['rm', '-q', 'backups/.gitattributes']);
  rmSync(partsOf(project)[0] ?? '');
  project.git(['config', '--unset', 'merge.overwinter.driver']);
  project.git(['add', '-f', 'data/app.db']);
  const before = doctor(project.app);
  expect(Object.keys(before.found).sort()).toEqual(
    ['database-tracked', 'hook', 'line-ends', 'merge-driver', 'parts', 'pointer'].sort(),
  );
  const after = doctor(project.app, ['--fix']);
  expect(after.repaired).toHaveLength(4);
  expect(Object.keys(after.found)).toEqual(['database-tracked']);
  expect(after).toMatchObject({ ok: false, code: 1 });
  // The database is still tracked: that is the user's to decide.
  expect(project.git(['ls-files', 'data'])).toBe('data/app.db\n');
  expect(must(run(project.app, ['verify', '--all'])).code).toBe(0);
});

test('a fresh clone lacks what git does not pass on', () => {
  const project = healthy();
  const top = join(scratch(), 'clone');
  project.git(['clone', '-q', project.remote, top]);
  symlinkSync(join(project.top, 'node_modules'), join(top, 'node_modules'));
  const { found } = doctor(top);
  expect(Object.keys(found).sort()).toEqual(['drilled', 'hook', 'merge-driver', 'saved']);
  const once = doctor(top, ['--fix']);
  expect([once.code, Object.keys(once.found)]).toEqual([0, ['saved', 'drilled']]);
  for (const { fix } of Object.values(once.found).flat()) type(top, fix ?? 'false');
  expect(doctor(top)).toMatchObject({ code: 0, found: {} });
});

test('a database outside of the project is named, with the way in', () => {
  const project = healthy();
  rmSync(project.database);
  rmSync(join(project.app, 'overwinter.config.json'));
  const outside = join(scratch(), 'else where.db');
  addRows(outside, 7);
  const { found } = doctor(project.app, ['--db', outside]);
  const [finding] = found['database-place'] ?? [];
  expect(finding).toMatchObject({ level: 'warning' });
  type(project.app, finding?.fix ?? 'false');
  expect(rowsIn(project.database)).toBe(7);
  expect(doctor(project.app).found).not.toHaveProperty('database-place');
});

test('a tracked folder of this machine ends with what to do, and the rest is examined once that is done', () => {
  const { app, git } = healthy();
  must(run(app, ['snapshot']));
  git(['add', '-f', '.overwinter']);
  git(['commit', '-q', '--no-verify', '-m', 'oops']);
  const ran = run(app, ['doctor', '--json', '--offline']);
  const { error } = JSON.parse(ran.stdout);
  expect(error).toMatchObject({ code: 'NOT_OURS', message: expect.stringContaining('tracked by git') });
  type(app, /: '(git rm [^']*--cached [^']*)'/.exec(error.hint)?.[1] ?? 'false');
  expect(doctor(app).found).not.toHaveProperty('database');
  expect(must(run(app, ['snapshots'])).stdout).not.toBe('');
});

test('without git the rest is examined all the same', () => {
  const project = healthy();
  const folder = scratch();
  symlinkSync(process.execPath, join(folder, 'node'));
  rmSync(pathOf(project, 'latest_backup.json'));
  const { found, code } = doctor(project.app, [], { PATH: folder });
  expect(code).toBe(1);
  expect(Object.keys(found).sort()).toEqual(['git', 'pointer']);
  expect(found.git?.[0]?.fix).toMatch(/install/);
});

test.each([
  ['v18.20.0', false],
  ['v20.11.1', false],
  ['v20.12.0', true],
  ['v22.0.0', true],
])('Node %s is new enough: %s', (node, fine) => {
  expect(isNewEnough(node)).toBe(fine);
});

describe('who may read the remote', () => {
  interface Forge {
    readonly url: string;
    readonly asked: IncomingMessage[];
  }

  async function forge(answer: (response: ServerResponse) => void): Promise<Forge> {
    const asked: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      asked.push(request);
      answer(response);
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { url: `127.0.0.1:${address.port}`, asked };
  }

  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function askedOf(url: string, ...args: string[]): Promise<Examination> {
    const project = healthy();
    project.git(['remote', 'set-url', 'origin', url]);
    return examination(await runBeside(project.app, ['doctor', '--json', ...args]));
  }

  const served = (response: ServerResponse) => {
    response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
    response.end('001e# service=git-upload-pack\n');
  };

  test('anybody: a warning, found without telling who asks', async () => {
    const { url, asked } = await forge(served);
    const { found, code } = await askedOf(`http://ada:secret@${url}/ada/app.git`);
    expect(found.visibility).toMatchObject([{ level: 'warning' }]);
    expect(JSON.stringify(found)).not.toContain('secret');
    expect(asked.map(({ url: path }) => path)).toEqual(['/ada/app.git/info/refs?service=git-upload-pack']);
    expect(asked[0]?.headers.authorization).toBeUndefined();
    expect(code).toBe(0);
  });

  test('anybody, of encrypted backups: fine, once none in the history is plain', async () => {
    const { url } = await forge(served);
    const project = healthy();
    project.write('overwinter.config.json', JSON.stringify({ encrypt: { recipients: [ageKey().recipient] } }));
    const commit = () => {
      must(run(project.app, ['backup']));
      project.git(['add', '-A']);
      project.git(['commit', '-q', '--no-verify', '-m', 'encrypt']);
    };
    commit();
    project.git(['remote', 'set-url', 'origin', `http://${url}/ada/app.git`]);
    const look = async () => examination(await runBeside(project.app, ['doctor', '--json'])).found.visibility;
    expect(await look()).toMatchObject([
      { level: 'warning', text: expect.stringMatching(/, and one backup in it or its history is not encrypted\.$/) },
    ]);
    for (const file of manifestsOf(project))
      if (!project.read(`backups/${file}`).includes('"encryption"')) rmSync(pathOf(project, file));
    commit();
    // It is gone, and everybody still has it.
    expect(await look()).toMatchObject([{ level: 'warning' }]);
    project.git(['checkout', '-q', '--orphan', 'anew']);
    commit();
    project.git(['branch', '-D', 'main']);
    project.git(['update-ref', '-d', 'refs/remotes/origin/main']);
    expect(await look()).toBeUndefined();
  });

  test.each([
    ['it asks for a password', (response: ServerResponse) => response.writeHead(401).end()],
    ['it knows no such repository', (response: ServerResponse) => response.writeHead(404).end()],
    ['it sends to a sign-in', (response: ServerResponse) => response.writeHead(302, { location: '/sign-in' }).end()],
    ['it shows a page', (response: ServerResponse) => response.end('<html></html>')],
  ])('not anybody: %s', async (_what, answer) => {
    const { url, asked } = await forge(answer);
    expect((await askedOf(`http://${url}/ada/app.git`)).found).not.toHaveProperty('visibility');
    expect(asked).toHaveLength(1);
  });

  test('a forge that is away, silent or broken leaves it unknown, and the doctor does not wait for long', async () => {
    const silent = await forge(() => {});
    const broken = await forge((response) => response.writeHead(500).end());
    // The doctor's own patience lasts for seconds; it is waited out where there is time.
    for (const url of [broken.url, '127.0.0.1:1', ...(isSlow ? [silent.url] : [])]) {
      const { found, code } = await askedOf(`http://${url}/ada/app.git`);
      expect(found.visibility).toMatchObject([{ level: 'unknown' }]);
      expect(code).toBe(0);
    }
    expect(await readersOf(`http://${silent.url}/ada/app.git`, false, 500)).toMatchObject({ who: 'unknown' });
    expect(silent.asked.length).toBeGreaterThan(0);
  });

  test('with --offline nobody is asked', async () => {
    const { url, asked } = await forge(served);
    expect((await askedOf(`http://${url}/ada/app.git`, '--offline')).found.visibility).toMatchObject([
      { level: 'unknown' },
    ]);
    expect(asked).toEqual([]);
  });

  test.each([
    ['git@github.com:ada/app.git', 'https://github.com/ada/app.git'],
    ['github.com:ada/app', 'https://github.com/ada/app'],
    ['ssh://git@gitlab.example.org:2222/ada/app.git', 'https://gitlab.example.org/ada/app.git'],
    ['https://x-access-token:abc@github.com/ada/app.git/', 'https://github.com/ada/app.git'],
    ['http://127.0.0.1:8080/app.git', 'http://127.0.0.1:8080/app.git'],
    ['/srv/git/app.git', undefined],
    ['../app.git', undefined],
    ['C:\\git\\app.git', undefined],
    ['file:///srv/app.git', undefined],
  ])('%s is asked as %s', (remote, address) => {
    expect(webAddress(remote)).toBe(address);
  });
});
