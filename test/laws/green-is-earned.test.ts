import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { freshness, staleProblem } from '../../src/ci/age.ts';
import { sha256 } from '../../src/core/digest.ts';
import { startLoop } from '../../src/keep/loop.ts';
import { noteNotCopied } from '../../src/local/copied.ts';
import { placeHold } from '../../src/local/hold.ts';
import { backup } from '../../src/operations/backup.ts';
import type { Entry } from '../../src/operations/catalog.ts';
import { status } from '../../src/operations/status.ts';
import { overwinter } from '../support/command-line.ts';
import { addRows, repositoryIn } from '../support/repository.ts';
import { cloneOf, everywhere, must, ROWS, type SafeProject, safeProject } from '../support/safe-project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** The words that belong to green alone. */
const SAFE = /data is safe|ready to be restored/i;

interface Situation {
  readonly name: string;
  /** Makes a project whose light is green one that must not be. */
  spoil(project: SafeProject): void | Promise<void>;
  readonly env?: Record<string, string>;
  readonly light: 'yellow' | 'red';
  readonly step: 'saved' | 'committed' | 'pushed' | 'drilled' | 'boots';
  readonly says: RegExp;
  /** The doctor's check that tells it, where another one knows more. */
  readonly check?: string;
  /** What makes it green again. */
  mend?(project: SafeProject): void;
}

const sql = ({ database }: SafeProject, text: string) => {
  const db = new Database(database);
  db.exec(text);
  db.close();
};
const onePart = ({ top }: SafeProject) => {
  const parts = join(top, 'backups/parts');
  const [file = ''] = readdirSync(parts, { recursive: true, encoding: 'utf8' }).filter((each) => /jsonl$/.test(each));
  return join(parts, file);
};
const newer = (project: SafeProject) => {
  addRows(project.database, 5);
  must(project.run('backup'));
};
const keep = (project: SafeProject) => {
  project.commit();
  project.push();
  must(project.run('verify'));
};
const namesIn = (project: SafeProject) =>
  JSON.parse(project.run('list', '--json').stdout).backups.map(({ name }: { name: string }) => name);

const SITUATIONS: readonly Situation[] = [
  {
    name: 'there is no repository',
    spoil: ({ top }) => rmSync(join(top, '.git'), { recursive: true }),
    light: 'red',
    step: 'committed',
    says: /in no git repository/,
    check: 'repository',
  },
  {
    name: 'the backups are ignored',
    spoil: ({ top }) => appendFileSync(join(top, '.gitignore'), 'backups/\n'),
    light: 'yellow',
    step: 'committed',
    says: /\.gitignore hides/,
    check: 'backups-ignored',
  },
  {
    name: 'the newest backup is untracked',
    spoil: newer,
    light: 'yellow',
    step: 'committed',
    says: /in no commit/,
    mend: keep,
  },
  {
    name: 'the newest backup is staged, and no commit was made',
    spoil(project) {
      newer(project);
      project.git(['add', '-f', 'backups']);
    },
    light: 'yellow',
    step: 'committed',
    says: /in no commit/,
  },
  {
    name: 'a commit has the manifest and lacks a part',
    spoil(project) {
      project.git(['rm', '-q', '--cached', onePart(project)]);
      project.git(['commit', '-q', '-m', 'lose it']);
      project.push();
    },
    light: 'yellow',
    step: 'committed',
    says: /not whole/,
  },
  {
    name: 'the commit is not pushed',
    spoil(project) {
      newer(project);
      project.commit();
      must(project.run('verify'));
    },
    light: 'yellow',
    step: 'pushed',
    says: /not pushed: origin\/main ends with/,
    mend: (project) => project.push(),
  },
  {
    name: 'the branch was never pushed, and no other has its backups',
    spoil(project) {
      project.git(['checkout', '-q', '-b', 'feature']);
      newer(project);
      project.commit();
    },
    light: 'yellow',
    step: 'pushed',
    says: /feature was never pushed/,
  },
  {
    name: 'there is no remote',
    spoil: ({ git }) => void git(['remote', 'remove', 'origin']),
    light: 'yellow',
    step: 'pushed',
    says: /Kept on this machine only/,
  },
  {
    name: 'rows are in no backup',
    spoil: ({ database }) => addRows(database, 2),
    light: 'yellow',
    step: 'saved',
    says: /At least 2 rows are in no backup \(notes 2\)/,
    mend(project) {
      must(project.run('backup'));
      keep(project);
    },
  },
  {
    name: 'a row says something else, and there are as many',
    spoil: (project) => sql(project, "UPDATE notes SET text = 'changed' WHERE id = 1"),
    light: 'yellow',
    step: 'saved',
    says: /does not say what the newest backup says/,
  },
  {
    name: 'rows are in no backup, and the newest is months old',
    async spoil(project) {
      rmSync(join(project.top, 'backups'), { recursive: true });
      const now = () => new Date(Date.now() - 95 * 86_400_000);
      await backup(projectIn(project.top, { now, environment: 'development' }), { trigger: 'test' });
      keep(project);
      addRows(project.database, 1);
    },
    light: 'red',
    step: 'saved',
    says: /3 months ago/,
  },
  {
    name: 'there is no backup at all',
    spoil(project) {
      project.git(['rm', '-r', '-q', '--', 'backups']);
      project.git(['commit', '-q', '-m', 'None any more']);
    },
    light: 'red',
    step: 'saved',
    says: new RegExp(`${ROWS} rows are in none`),
  },
  {
    name: 'the backups are in the last commit alone',
    spoil: ({ top }) => rmSync(join(top, 'backups'), { recursive: true }),
    light: 'red',
    step: 'saved',
    says: /holds no backup, and the last commit has one in it/,
  },
  {
    name: 'the last backup was refused',
    spoil(project) {
      sql(project, 'DELETE FROM notes WHERE id > 3');
      expect(project.run('backup').code).toBe(4);
      expect(project.run('backup', '--dry-run').code).toBe(4);
    },
    light: 'red',
    step: 'saved',
    says: /\(command-line, .*\) was refused: /,
    mend: (project) => must(project.run('restore', 'latest')),
  },
  {
    name: 'the last backup failed',
    spoil(project) {
      const [head] = namesIn(project);
      writeFileSync(join(project.top, 'overwinter.config.json'), '{"wait":100}');
      const db = new Database(project.database);
      db.exec('BEGIN EXCLUSIVE');
      expect(project.run('backup').code).toBe(11);
      db.close();
      expect(namesIn(project)).toEqual([head]);
    },
    light: 'red',
    step: 'saved',
    says: /failed: /,
    mend: (project) => must(project.run('backup')),
  },
  {
    name: 'the last commit could not save the data',
    spoil(project) {
      sql(project, 'DELETE FROM notes');
      project.write('code.txt', 'x');
      project.git(['add', 'code.txt']);
      expect(project.run('hook', 'pre-commit').stderr).toContain('goes on without a backup');
    },
    light: 'red',
    step: 'saved',
    says: /\(pre-commit, .*\) was refused: /,
  },
  {
    name: 'a part is gone',
    spoil: (project) => rmSync(onePart(project)),
    light: 'red',
    step: 'drilled',
    says: /is missing/,
    check: 'parts',
    mend: (project) => must(project.run('verify')),
  },
  {
    name: 'a byte of a part is another, and its time was put back',
    spoil(project) {
      const part = onePart(project);
      const { atime, mtime } = statSync(part);
      const bytes = readFileSync(part);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      writeFileSync(part, bytes);
      utimesSync(part, atime, mtime);
    },
    light: 'red',
    step: 'drilled',
    says: /does not hold what its name promises/,
    mend: (project) => must(project.run('verify')),
  },
  {
    name: 'the newest backup was never restored on trial',
    spoil(project) {
      newer(project);
      project.commit();
      project.push();
    },
    light: 'yellow',
    step: 'drilled',
    says: /never restored on trial/,
    mend: (project) => must(project.run('verify')),
  },
  {
    name: 'the drill failed, and the file looks whole again',
    spoil(project) {
      newer(project);
      const part = onePart(project);
      const good = readFileSync(part);
      writeFileSync(part, '');
      // Git has never seen a part of this backup that could heal it.
      rmSync(join(project.top, '.git'), { recursive: true });
      const failed = project.run('verify');
      writeFileSync(part, good);
      project.git(['init', '-q', '-b', 'main']);
      expect(failed.code).toBe(3);
    },
    light: 'red',
    step: 'drilled',
    says: /restore drill of .* failed/,
  },
  {
    name: 'an older backup was restored',
    spoil(project) {
      newer(project);
      keep(project);
      must(project.run('restore', namesIn(project)[1]));
    },
    light: 'yellow',
    step: 'saved',
    says: /a newer backup is here/,
    mend: (project) => must(project.run('restore', 'latest')),
  },
  {
    name: 'a pull brought a newer backup',
    spoil(project) {
      const other = cloneOf(project);
      must(other.run('auto-restore'));
      newer(other);
      other.commit();
      other.push();
      project.git(['pull', '-q']);
    },
    light: 'yellow',
    step: 'saved',
    says: /a newer backup is here/,
    mend(project) {
      must(project.run('restore', 'latest'));
      must(project.run('verify'));
    },
  },
  {
    name: 'a restore failed, and the app was started all the same',
    spoil: ({ top, database }) => placeHold(join(top, '.overwinter'), database, 'the disk was full', new Date()),
    light: 'red',
    step: 'saved',
    says: /because restoring it failed/,
  },
  {
    name: 'the newest backup was made by a clock of the future',
    async spoil(project) {
      addRows(project.database, 1);
      const now = () => new Date('2099-01-01T00:00:00Z');
      await backup(projectIn(project.top, { now, environment: 'development' }), { trigger: 'test' });
      // Later ones are still the newer ones.
      addRows(project.database, 1);
      must(project.run('backup'));
      expect(JSON.parse(project.run('list', '--json').stdout).backups[0].rows).toBe(ROWS + 2);
      keep(project);
    },
    light: 'yellow',
    step: 'saved',
    says: /which is still to come/,
  },
  {
    name: 'the host forgets, and the newest backup is on it alone',
    env: { OVERWINTER_HOST: '', DYNO: 'web.1', OVERWINTER_ENVIRONMENT: 'development' },
    spoil: newer,
    light: 'red',
    step: 'pushed',
    says: /are lost with the host/,
    mend: keep,
  },
  {
    name: 'the place that is to have every backup did not get it',
    env: { OVERWINTER_STORES: 'branch:live', OVERWINTER_ENVIRONMENT: 'development' },
    spoil({ top }) {
      const backups = join(top, 'backups');
      const failure = { time: new Date().toISOString(), message: 'origin is not to be reached.', hint: ['Try again.'] };
      noteNotCopied(join(top, '.overwinter'), backups, `branch:live:origin:${backups}`, failure);
    },
    light: 'red',
    step: 'pushed',
    says: /No backup got to the branch live of origin since 20[-\d: ]+ UTC: origin is not to be reached/,
  },
];

test('rows that are saved, committed, pushed and tried are green, and nobody says anything else', async () => {
  const seen = await everywhere(safeProject());
  expect(seen.steps.filter(({ light }) => light !== 'green')).toEqual([]);
  expect(seen.light).toBe('green');
  expect(seen.text).toMatch(/^● green: the data is safe\n/);
  expect(seen.page).toContain('Your data is safe');
  for (const step of ['saved', 'committed', 'pushed', 'drilled', 'boots']) expect(seen.warned).not.toContain(step);
});

test.each(SITUATIONS.map((each) => [each.name, each] as const))('not green: %s', async (_name, situation) => {
  const project = safeProject();
  await situation.spoil(project);
  const { light, steps, text, warned, failed, page } = await everywhere(project, situation.env);
  expect(light, text).toBe(situation.light);
  const found = steps.find(({ name }) => name === situation.step);
  expect(found).toMatchObject({ light: situation.light, text: expect.stringMatching(situation.says) });
  expect(text).toContain(`● ${situation.light}: `);
  expect(text).not.toMatch(SAFE);
  expect(page).not.toMatch(SAFE);
  expect(page).toContain(situation.light === 'red' ? 'Your data is at risk' : 'Something needs a look');
  expect(situation.light === 'red' ? failed : warned).toContain(situation.check ?? situation.step);
  if (situation.mend === undefined) return;
  situation.mend(project);
  const mended = JSON.parse(must(project.run('status', '--json')).stdout);
  expect(mended.chain.steps.find(({ name }: { name: string }) => name === situation.step).light).toBe('green');
});

test('after a held restore nothing says that something is ready', async () => {
  const project = safeProject();
  placeHold(join(project.top, '.overwinter'), project.database, 'the disk was full', new Date());
  const { text, page, steps } = await everywhere(project);
  for (const words of [text, page, JSON.stringify(steps)]) expect(words).not.toMatch(/\bready\b|\bis safe\b/i);
});

test('a new branch has on another machine what the one has that it began from', () => {
  const project = safeProject();
  project.git(['checkout', '-q', '-b', 'feature']);
  expect(JSON.parse(project.run('status', '--json').stdout).light).toBe('green');
});

test('writing nothing is no change, and a failure is forgotten with the next success', () => {
  const project = safeProject();
  sql(project, 'CREATE TABLE other(x); DROP TABLE other');
  expect(JSON.parse(project.run('status', '--json').stdout).light).toBe('green');
  mkdirSync(join(project.top, 'elsewhere'));
  sql(project, 'DELETE FROM notes WHERE id > 3');
  expect(project.run('backup').code).toBe(4);
  must(project.run('backup', '--allow-shrink'));
  expect(JSON.parse(project.run('status', '--json').stdout).chain.steps[0].light).toBe('green');
});

test('an app without a repository is as safe as the branch that it brings its backups to', () => {
  const folder = scratch();
  const remote = join(folder, 'origin.git');
  mkdirSync(join(folder, 'app'));
  repositoryIn(folder).git(['init', '-q', '--bare', remote]);
  const env = { OVERWINTER_STORES: `branch:backups?remote=${remote}`, OVERWINTER_ENVIRONMENT: 'production' };
  const run = (...args: string[]) => overwinter(join(folder, 'app'), args, env);
  const chain = () => JSON.parse(must(run('status', '--json', '--db', 'app.db')).stdout).chain;
  const app = () => must(run('run', '--db', 'app.db', '--', process.execPath, '-e', '0'));
  writeFileSync(join(folder, 'app/package.json'), '{}');
  addRows(join(folder, 'app/app.db'), 3);
  app();
  must(run('verify', '--db', 'app.db'));
  expect(chain()).toMatchObject({ light: 'green' });
  rmSync(remote, { recursive: true });
  addRows(join(folder, 'app/app.db'), 3);
  app();
  const [saved, committed, pushed] = chain().steps;
  expect([saved.light, committed.light, pushed.light]).toEqual(['green', 'yellow', 'red']);
  expect(pushed.text).toContain('No backup got to the branch backups');
});

test('an app that saves while it runs tries what it saved, and status knows it', async () => {
  const folder = scratch();
  const project = projectIn(folder);
  addRows(project.db, 5);
  const loop = startLoop(project, { trigger: 'keep', timing: { debounce: 50, longest: 1000 }, onEvent: () => {} });
  try {
    const event = await loop.backup();
    expect(event.type).toBe('backup');
    const light = async () => (await status(project)).chain.steps.find(({ name }) => name === 'drilled')?.light;
    await expect.poll(light, { timeout: 20_000 }).toBe('green');
  } finally {
    loop.stop();
  }
});

test('a status of what nobody wrote to counts no row and asks git a few times only', async () => {
  const { top: folder } = safeProject();
  const project = projectIn(folder);
  // What was written in the same moment as it was saved is only known to be saved once it is compared.
  await status(project);
  const counting = async (): Promise<never> => {
    throw new Error('rows were counted');
  };
  const unread = { ...project, database: { ...project.database, counts: counting } };
  expect((await status(unread)).database.rows).toBe(ROWS);
  addRows(project.db, 1);
  expect((await status(unread)).database.rows).toBeUndefined();
  expect((await status(project)).database.rows).toBe(ROWS + 1);
  const trace = join(scratch(), 'trace');
  expect(overwinter(folder, ['status'], { GIT_TRACE: trace }).code).toBe(0);
  // Of a small project: where it is, its branches, its remotes, what is ignored, and what two commits hold.
  const asked = readFileSync(trace, 'utf8').match(/trace: built-in: git \S+/g) ?? [];
  expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(6);
});

test('a clock of the future silences no alarm', () => {
  const entry = (date: string): Entry => ({
    name: 'b',
    metadata: {
      format: 1,
      backup_date: date,
      version: '1.0',
      database_type: 'sqlite',
      origin: { environment: 'production', trigger: 'keep' },
      content: sha256('x'),
      tables: 1,
      rows: 1,
      bytes: 1,
    },
  });
  const now = new Date('2026-01-02T00:00:00Z');
  const late = freshness([entry('2099-01-01T00:00:00.000Z')], 'production', 3600, now);
  expect(late.stale).toBe(true);
  expect(staleProblem(late).message).toContain('still to come');
  expect(freshness([entry('2026-01-02T00:01:00.000Z')], 'production', 3600, now).stale).toBe(false);
});
