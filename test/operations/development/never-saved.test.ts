import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { OverwinterError } from '../../../src/core/errors.ts';
import type { FakesConfig } from '../../../src/core/privacy/fake-kinds.ts';
import type { AsFile, Staged } from '../../../src/engines/engine.ts';
import { startLoop } from '../../../src/keep/loop.ts';
import { holdOf, isHoldChanging, writeHold } from '../../../src/local/hold.ts';
import { listSnapshots } from '../../../src/local/snapshots.ts';
import { asFile } from '../../../src/operations/as-file.ts';
import { autoRestore } from '../../../src/operations/auto-restore.ts';
import { backup } from '../../../src/operations/backup.ts';
import { makingFor } from '../../../src/operations/development/remake.ts';
import { restore } from '../../../src/operations/restore.ts';
import { snapshot, undo } from '../../../src/operations/snapshot.ts';
import { status } from '../../../src/operations/status.ts';
import { exportDocument, importDocument } from '../../../src/operations/transfer.ts';
import type { Batch } from '../../../src/stores/store.ts';
import type { TestProject as Project } from '../../support/project.ts';
import { newRepository } from '../../support/repository.ts';
import { look, projectWith } from '../../support/round-trip.ts';
import { projectIn } from '../../support/scratch.ts';

const FAKE: FakesConfig = { users: { email: 'email', name: 'name' } };
const wanted = { environment: 'development', fakes: FAKE, secret: Buffer.from('a secret of this test') };
const making = makingFor(wanted);

let project: Project;
const production = () => ({ ...project, environment: 'production' });
const save = (of = project, more = {}) => backup(of, { trigger: 'test', ...more });
const emails = () => look(project.db, (db) => db.prepare('SELECT email FROM users ORDER BY id').pluck().all());
const isReal = () => emails().includes('ada@corp.test');
const isMade = () => holdOf(project.local, project.database.id)?.madeFor !== undefined;
const forDevelopment = (more = {}) => restore(project, { name: 'latest', making, ...more });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: OverwinterError) => error.code,
  );

beforeEach(async () => {
  project = {
    ...projectWith((db) =>
      db.exec(`CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT);
        INSERT INTO users VALUES (1, 'ada@corp.test', 'Ada Privlace'), (2, 'bob@corp.test', 'Bob Privson'), (3, NULL, NULL)`),
    ),
    environment: 'development',
    privacy: { fake: FAKE },
  };
  await save(production());
});

describe('data made for development is never saved over the real one', () => {
  test('by no backup, whatever else is allowed, until the data itself is back', async () => {
    await forDevelopment();
    expect(isReal()).toBe(false);
    const before = await project.store.list('top');
    for (const more of [{}, { allowShrink: true }, { name: 'mine' }, { kind: 'conflict' as const }])
      expect(await codeOf(save(project, more))).toBe('HELD');
    expect(await codeOf(save(production()))).toBe('HELD');
    expect(await project.store.list('top')).toEqual(before);
    await restore(project, { name: 'latest' });
    expect(isReal()).toBe(true);
    expect(await save()).toMatchObject({ status: 'unchanged' });
  });

  test('by no commit: the hook passes it over, says so, and is no failure even where it is strict', async () => {
    const repository = newRepository({ strict: true });
    const own = { ...projectIn(repository.root), environment: 'development' };
    const { name } = await save({ ...own, environment: 'production' });
    repository.git(['add', '.']);
    repository.git(['commit', '-qm', 'with a backup']);
    await restore(own, { name, making: makingFor({ ...wanted, fakes: { notes: { text: 'text' } } }) });
    repository.write('code.txt', 'new\n');
    const said = repository.tryGit(['commit', '-am', 'work']);
    expect(said.status).toBe(0);
    expect(said.stderr).toContain(`was made for development from ${name}, so this commit carries no new backup of it.`);
    expect(repository.changed()).toEqual(['code.txt']);
    expect(repository.status()).toBe('');
  });

  test('by no keeper, and nobody is woken for it', async () => {
    await forDevelopment();
    const events: string[] = [];
    const timing = { debounce: 0, longest: 0 };
    const loop = startLoop(project, { trigger: 'keep', timing, onEvent: ({ type }) => events.push(type) });
    try {
      expect(await loop.backup()).toMatchObject({
        type: 'skipped',
        reason: expect.stringContaining('made for development'),
      });
      await loop.flush(0);
    } finally {
      loop.stop();
    }
    expect(new Set(events)).toEqual(new Set(['skipped']));
  });

  test('not even where the mark is lost, or the file lies elsewhere: fakes are told by their looks', async () => {
    await forDevelopment();
    rmSync(project.local, { recursive: true });
    expect(isMade()).toBe(false);
    expect(await codeOf(save())).toBe('HELD');
    expect(await codeOf(save(project, { allowShrink: true }))).toBe('HELD');
    const document = await exportDocument(project, undefined);
    const elsewhere = { ...projectWith(() => {}), privacy: { fake: FAKE } };
    await importDocument(elsewhere, 'made-up.json', Buffer.from(document));
    expect(await codeOf(save(elsewhere))).toBe('HELD');
  });

  test('nor where somebody has added a row of their own meanwhile, or emptied an address', async () => {
    await forDevelopment();
    look(project.db, (db) =>
      db.exec("INSERT INTO users VALUES (4, 'me@corp.test', 'Me'), (5, '', ''), (6, ' ', NULL)"),
    );
    rmSync(project.local, { recursive: true });
    expect(await codeOf(save())).toBe('HELD');
  });

  test('until somebody says that it is the data from now on', async () => {
    await forDevelopment();
    expect(await save(project, { evenFakes: true })).toMatchObject({ status: 'created', holdLifted: true });
    expect(isMade()).toBe(false);
    look(project.db, (db) => db.exec("UPDATE users SET name = 'Cy' WHERE id = 3"));
    expect(await save()).toMatchObject({ status: 'created' });
    await restore(project, { name: (await newestOf('production')) ?? '' });
    await forDevelopment({ name: await newestOf('production') });
    rmSync(join(project.local), { recursive: true });
    expect(await codeOf(save())).toBe('HELD');
  });

  test('undo takes the mark with the fakes, and undoing that brings both back', async () => {
    await forDevelopment();
    expect([isReal(), isMade()]).toEqual([false, true]);
    await undo(project);
    expect([isReal(), isMade()]).toEqual([true, false]);
    expect(await save()).toMatchObject({ status: 'unchanged' });
    await undo(project);
    expect([isReal(), isMade()]).toEqual([false, true]);
    expect(await codeOf(save())).toBe('HELD');
    const kept = await snapshot(project, 'fakes');
    await restore(project, { name: 'latest' });
    expect(isMade()).toBe(false);
    await undo(project, kept.id);
    expect(isMade()).toBe(true);
  });

  test('a restore that fails leaves the mark as it was', async () => {
    const broken = makingFor({ ...wanted, fakes: { users: { email: 'email', nobody: 'name' } } });
    expect(await codeOf(restore(project, { name: 'latest', making: broken }))).toBe('CONFIG_INVALID');
    expect([isReal(), isMade()]).toEqual([true, false]);
    const locked = { ...project, wait: 50, keepSnapshots: 10 };
    const failing = { ...locked, database: { ...project.database, stage: failsToCommit(project) } };
    await expect(restore(failing, { name: 'latest', making })).rejects.toThrow('no power');
    expect([isReal(), isMade()]).toEqual([true, false]);
    await forDevelopment();
    await expect(restore(failing, { name: 'latest', making })).rejects.toThrow('no power');
    expect(isMade()).toBe(true);
  });

  test('rows that are imported besides leave the mark', async () => {
    await forDevelopment();
    look(project.db, (db) => db.exec('DELETE FROM users'));
    const document = JSON.stringify({ metadata: {}, data: { users: [{ id: 9, email: 'x@corp.test', name: null }] } });
    await importDocument(project, 'old.json', Buffer.from(document));
    expect(isMade()).toBe(true);
    expect(await codeOf(save(project, { allowShrink: true }))).toBe('HELD');
  });

  test('a start of the app leaves it alone, also where the database is gone, and no light is red for it', async () => {
    await forDevelopment();
    const { chain } = await status(project);
    expect(chain.steps.find(({ name }) => name === 'saved')).toMatchObject({ light: 'yellow', cause: 'development' });
    expect(chain.steps.filter(({ cause, light }) => cause === 'hold' && light === 'red')).toEqual([]);
    rmSync(project.db);
    expect(await autoRestore(project)).toMatchObject({
      restored: false,
      hold: { madeFor: { environment: 'development' } },
    });
  });
});

describe('what goes on beside it, and what stops it', () => {
  const begun = () => {
    let reached = () => {};
    const isThere = new Promise<void>((resolve) => {
      reached = resolve;
    });
    return { reached, isThere };
  };
  /** A project whose database is never put in place, or was, and whoever did it goes no further: as a kill leaves it. */
  const killed = (when: 'before' | 'after', reached: () => void): Project => ({
    ...project,
    database: {
      ...project.database,
      ...(project.database.file && { file: { ...project.database.file, stageCopy: stopsAt(project, when, reached) } }),
      stage: stopsIn(project, when, reached),
    },
  });
  /** The lock of whoever was killed is nobody's. */
  const release = () => {
    rmSync(join(project.local, 'locks'), { recursive: true });
  };
  const stopped = async (when: 'before' | 'after', work: (of: Project) => Promise<unknown>) => {
    const { reached, isThere } = begun();
    const going = work(killed(when, reached));
    await Promise.race([isThere, going.then(() => Promise.reject(new Error('it went on')))]);
  };

  test.each(['before it is read', 'while it is read'])(
    'a backup that is at work saves no fakes and lifts no mark: made %s',
    async (when) => {
      look(project.db, (db) => db.exec("UPDATE users SET name = 'Cy' WHERE id = 3"));
      const before = await project.store.list('top');
      const made = {
        reason: 'it was made for development',
        time: new Date().toISOString(),
        madeFor: { environment: 'development', backup: 'backup_a' },
      };
      // What its looks would tell is not asked.
      const meanwhile: Project = {
        ...project,
        privacy: {},
        database: {
          ...project.database,
          async read(...how) {
            if (when === 'before it is read') await forDevelopment();
            const reading = await project.database.read(...how);
            // SQLite would keep it waiting; other engines read in a moment of their own.
            if (when === 'while it is read') writeHold(project.local, { ...made, db: project.database.id });
            return reading;
          },
        },
      };
      expect(await codeOf(save(meanwhile))).toBe('HELD');
      expect(isMade()).toBe(true);
      expect(await project.store.list('top')).toEqual(before);
    },
  );

  test('one that may save fakes lifts no mark but theirs', async () => {
    await forDevelopment();
    const meanwhile: Project = {
      ...project,
      now: () => new Date(),
      database: {
        ...project.database,
        async fingerprint() {
          await restore({ ...project, now: () => new Date(Date.now() + 5000) }, { name: 'latest', making });
          return project.database.fingerprint();
        },
      },
    };
    expect(await codeOf(save(meanwhile, { evenFakes: true }))).toBe('HELD');
    expect(isMade()).toBe(true);
  });

  test('nor one that comes once it is written', async () => {
    await forDevelopment();
    const { store, local, database } = project;
    const madeFor = { environment: 'development', backup: 'backup_a' };
    const later = { db: database.id, reason: 'it was made again', time: '2099-01-01T00:00:00.000Z', madeFor };
    const publish = async (into: Batch, ...what: Parameters<Batch['publish']>) => {
      await into.publish(...what);
      writeHold(local, later);
    };
    const meanwhile: Project = {
      ...project,
      store: {
        ...store,
        batch: (work) => store.batch((into) => work({ ...into, publish: (...what) => publish(into, ...what) })),
      },
    };
    expect(await save(meanwhile, { evenFakes: true })).not.toHaveProperty('holdLifted');
    expect(holdOf(local, database.id)).toEqual(later);
  });

  test('a kill before it is in place leaves the real data unmarked, and saved', async () => {
    look(project.db, (db) => db.exec("UPDATE users SET name = 'Cy' WHERE id = 3"));
    await stopped('before', (of) => restore(of, { name: 'latest', making }));
    expect([isReal(), isMade()]).toEqual([true, false]);
    release();
    expect(await save()).toMatchObject({ status: 'created' });
    expect(isHoldChanging(project.local, project.database.id)).toBe(false);
    // Another file in its place is no fakes.
    const copy = readFileSync(project.db);
    writeFileSync(`${project.db}-new`, copy);
    renameSync(`${project.db}-new`, project.db);
    expect(isMade()).toBe(false);
  });

  test('a kill after it leaves the fakes marked', async () => {
    await stopped('after', (of) => restore(of, { name: 'latest', making }));
    expect([isReal(), isMade()]).toEqual([false, true]);
    release();
    expect(await codeOf(save())).toBe('HELD');
    await autoRestore(project);
    expect([isMade(), isHoldChanging(project.local, project.database.id)]).toEqual([true, false]);
  });

  test.each([
    // The one that the restore made, not one that was made since.
    ['undo', (of: Project) => undo(of, listSnapshots(of.local, of.database.id).at(-1)?.id)],
    ['a restore', (of: Project) => restore(of, { name: 'latest' })],
  ])('%s that is killed leaves the mark on what is there', async (_what, work) => {
    await forDevelopment();
    await stopped('before', work);
    expect([isReal(), isMade()]).toEqual([false, true]);
    release();
    await stopped('after', work);
    expect([isReal(), isMade()]).toEqual([true, false]);
    release();
    expect(await save()).toMatchObject({ status: 'unchanged' });
  });

  test('an exported document takes the mark along', async () => {
    await forDevelopment();
    const document = Buffer.from(await exportDocument(project, undefined));
    await importDocument(project, 'made.json', document);
    expect(isMade()).toBe(true);
    const elsewhere = projectWith(() => {});
    await importDocument(elsewhere, 'made.json', document);
    expect(holdOf(elsewhere.local, elsewhere.database.id)?.madeFor?.environment).toBe('development');
    expect(await codeOf(save(elsewhere))).toBe('HELD');
    await undo(project);
    await undo(project);
    expect(isMade()).toBe(true);
    const real = Buffer.from(await exportDocument(project, 'latest'));
    await importDocument(project, 'real.json', real);
    expect([isReal(), isMade()]).toEqual([true, false]);
  });

  test('status says what a start does', async () => {
    const boots = async () => (await status(project)).chain.steps.find(({ name }) => name === 'boots');
    await forDevelopment();
    expect(await boots()).toMatchObject({ light: 'green', text: expect.stringContaining('on a machine without it') });
    rmSync(project.db);
    expect(await boots()).toMatchObject({
      light: 'yellow',
      cause: 'development',
      text: expect.stringMatching(
        /would restore nothing, although the database is missing: it was made for development/,
      ),
    });
    expect(await autoRestore(project)).toMatchObject({ restored: false });
  });
});

describe('it is made only where it belongs', () => {
  test('not on a machine of another environment, and not of the environment’s own backups', async () => {
    expect(await codeOf(restore(production(), { name: 'latest', making }))).toBe('USAGE');
    look(project.db, (db) => db.exec("UPDATE users SET name = 'Cy' WHERE id = 3"));
    const { name } = await save();
    expect(await codeOf(restore(project, { name, making }))).toBe('ANOTHER_DATABASE');
    expect(isReal()).toBe(true);
    // The newest is this machine's own.
    expect(await forDevelopment()).toMatchObject({ environment: 'production' });
    const copy = join(project.local, '..', 'copy.db');
    expect(await restore(production(), { name: 'latest', making, to: copy })).toMatchObject({
      environment: 'development',
    });
    expect(
      look(copy, (db) => db.prepare("SELECT count(*) FROM users WHERE email LIKE '%corp.test'").pluck().get()),
    ).toBe(0);
    expect(await codeOf(save({ ...project, database: project.database.file?.at(copy) ?? project.database }))).toBe(
      'HELD',
    );
  });

  test('not in a database on another machine with rows that nobody made for development', async () => {
    const there = {
      ...project,
      database: { ...project.database, isElsewhere: true as const, label: 'db.example.com/app' },
    };
    expect(await codeOf(restore(there, { name: 'latest', making }))).toBe('DATABASE_EXISTS');
    expect(isReal()).toBe(true);
    const here = { ...there, database: { ...there.database, label: 'localhost/app' } };
    expect(await codeOf(restore(here, { name: 'latest', making }))).toBe('done');
    // It is marked now.
    expect(await codeOf(restore(there, { name: 'latest', making }))).toBe('done');
  });

  test('and says so where there is no backup of another environment', async () => {
    const only = {
      ...projectWith((db) => db.exec('CREATE TABLE a(b); INSERT INTO a VALUES (1)')),
      environment: 'development',
    };
    await save(only);
    const error = await restore(only, { name: 'latest', making }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'NO_BACKUP',
      message: expect.stringContaining("another environment than 'development'"),
      // A server's databases are no files.
      hint: expect.not.stringContaining('new file'),
    });
  });
});

async function newestOf(environment: string): Promise<string> {
  const { readCatalog } = await import('../../../src/operations/catalog.ts');
  const { entries } = await readCatalog(project.store);
  return entries.find(({ metadata }) => metadata.origin.environment === environment)?.name ?? 'none';
}

const stopping = (staged: Staged, when: 'before' | 'after', reached: () => void): Staged => ({
  ...staged,
  commit: (how) =>
    new Promise((_resolve, reject) => {
      const last = when === 'before' ? how.keep() : staged.commit(how);
      last.then(reached, reject);
    }),
});
const stopsIn =
  ({ database }: Project, when: 'before' | 'after', reached: () => void): Project['database']['stage'] =>
  async (...how) =>
    stopping(await database.stage(...how), when, reached);
const stopsAt =
  ({ database }: Project, when: 'before' | 'after', reached: () => void): AsFile['stageCopy'] =>
  async (from) =>
    stopping(await asFile(database).stageCopy(from), when, reached);

/** Everything works until it is to be put in place. */
const failsToCommit =
  ({ database }: Project): Project['database']['stage'] =>
  async (...how) => ({
    ...(await database.stage(...how)),
    commit: async () => {
      throw new Error('no power');
    },
  });
