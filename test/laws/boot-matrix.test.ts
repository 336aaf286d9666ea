import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { manifestFile, POINTER_FILE } from '../../src/core/names.ts';
import { holdOf } from '../../src/local/hold.ts';
import { autoRestore, previewBoot } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import type { Boot } from '../../src/operations/project.ts';
import type { TestProject as Project } from '../support/project.ts';
import { withDatabase } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/**
 * What a boot does with each database (down) for each state of the backups (across). The word is what happens:
 *
 *   newest   the newest backup is restored          older   the one before it is
 *   other    another environment's is restored      left    the database is left as it is
 *   empty    the app starts empty, without a hold   a CODE  the boot fails; with an exclamation mark a hold is left behind
 */
const MATRIX = `
                 | none                | good              | newest damaged    | all damaged       | pointer conflicted | other environment only
missing          | empty               | newest            | older             | BACKUP_DAMAGED!   | newest             | other
0 bytes          | empty               | newest            | older             | BACKUP_DAMAGED!   | newest             | other
no tables        | empty               | newest            | older             | BACKUP_DAMAGED!   | newest             | other
no rows          | empty               | newest            | older             | BACKUP_DAMAGED!   | newest             | other
lookup rows only | empty               | newest            | older             | BACKUP_DAMAGED!   | newest             | other
data             | left                | left              | left              | left              | left               | left
corrupt          | DATABASE_NOT_SQLITE | DATABASE_NOT_SQLITE | DATABASE_NOT_SQLITE | DATABASE_NOT_SQLITE | DATABASE_NOT_SQLITE | DATABASE_NOT_SQLITE
corrupt, restore | DATABASE_NOT_SQLITE | newest            | older             | BACKUP_DAMAGED!   | newest             | other
torn, restore    | DATABASE_CORRUPT    | newest            | older             | BACKUP_DAMAGED!   | newest             | other
locked           | DATABASE_LOCKED     | DATABASE_LOCKED   | DATABASE_LOCKED   | DATABASE_LOCKED   | DATABASE_LOCKED    | DATABASE_LOCKED
directory        | DATABASE_NOT_A_FILE | DATABASE_NOT_A_FILE | DATABASE_NOT_A_FILE | DATABASE_NOT_A_FILE | DATABASE_NOT_A_FILE | DATABASE_NOT_A_FILE
read-only disk   | empty               | NOT_WRITABLE!     | NOT_WRITABLE!     | BACKUP_DAMAGED!   | NOT_WRITABLE!      | NOT_WRITABLE!
`;

const [head = [], ...lines] = MATRIX.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));
const columns = head.slice(1);
const cases = lines.flatMap(([database = '', ...cells]) =>
  cells.map((outcome, i) => ({ database, backups: columns[i] ?? '', outcome })),
);

const SCHEMA = 'CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); CREATE TABLE colours(name TEXT);';
const LOOKUP = "INSERT INTO colours VALUES ('red'), ('green')";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0).reverse()) each();
});

const system = (...command: readonly [string, ...string[]]) =>
  execFileSync(command[0], command.slice(1), { stdio: 'ignore' });

function canMount(): boolean {
  try {
    system('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp');
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

const mountable = canMount();

function fill(db: string, rows: number): void {
  const database = new Database(db);
  database.exec(`${SCHEMA} ${LOOKUP}`);
  for (let i = 0; i < rows; i++) database.prepare('INSERT INTO notes(text) VALUES (?)').run(`note ${i}`);
  database.close();
}

/** Puts the database into the state that a row of the table names. */
const DATABASES: Record<string, (db: string) => void> = {
  missing() {},
  '0 bytes': (db) => writeFileSync(db, ''),
  'no tables'(db) {
    const database = new Database(db);
    database.exec('CREATE TABLE x(y); DROP TABLE x');
    database.close();
  },
  'no rows'(db) {
    const database = new Database(db);
    database.exec(SCHEMA);
    database.close();
  },
  'lookup rows only': (db) => fill(db, 0),
  data: (db) => fill(db, 1),
  corrupt: (db) => writeFileSync(db, 'this was a database once, before the disk went bad. '.repeat(200)),
  'corrupt, restore': (db) => writeFileSync(db, 'this was a database once, before the disk went bad. '.repeat(200)),
  'torn, restore'(db) {
    fill(db, 1);
    const bytes = readFileSync(db);
    writeFileSync(db, bytes.fill(0x55, 100, 4096));
  },
  locked(db) {
    fill(db, 1);
    const holder = new Database(db);
    holder.exec('BEGIN EXCLUSIVE');
    undo.push(() => holder.close());
  },
  directory: (db) => mkdirSync(db),
  'read-only disk'(db) {
    const folder = dirname(db);
    system('mount', '--bind', folder, folder);
    undo.push(() => system('umount', folder));
    system('mount', '-o', 'remount,bind,ro', folder);
  },
};

const cut = (project: Project, name: string) => {
  const file = join(project.store.path, manifestFile(name));
  writeFileSync(file, readFileSync(file).subarray(0, -30));
};

/** Makes the backups that a column of the table names; the older one has 3 rows, the newest 5. Says their names. */
async function makeBackups(project: Project, kind: string): Promise<{ older: string; newest: string }> {
  if (kind === 'none') return { older: '', newest: '' };
  const source = join(scratch(), 'source.db');
  const maker = {
    ...withDatabase(project, source),
    ...(kind === 'other environment only' ? { environment: 'laptop' } : {}),
  };
  fill(source, 3);
  const older = (await backup(maker, { trigger: 'test' })).name;
  const database = new Database(source);
  database.exec("INSERT INTO notes(text) VALUES ('four'), ('five')");
  database.close();
  const newest = (await backup(maker, { trigger: 'test' })).name;
  if (kind === 'newest damaged' || kind === 'all damaged') cut(project, newest);
  if (kind === 'all damaged') cut(project, older);
  if (kind === 'pointer conflicted') {
    const file = join(project.store.path, POINTER_FILE);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `<<<<<<< HEAD\n${text}=======\n${text}>>>>>>> main\n`);
  }
  return { older, newest };
}

function bootOf(database: string): Boot {
  return database.endsWith(', restore') ? { onCorrupt: 'restore' } : {};
}

async function outcomeOf(project: Project, names: { older: string; newest: string }): Promise<string> {
  try {
    const result = await autoRestore(project);
    if (!result.restored) return result.reason.includes('no backup yet') ? 'empty' : 'left';
    if (result.environment !== project.environment) return 'other';
    return result.name === names.newest ? 'newest' : result.name === names.older ? 'older' : result.name;
  } catch (error) {
    if (!(error instanceof OverwinterError)) throw error;
    return `${error.code}${holdOf(project.local, project.db) === undefined ? '' : '!'}`;
  }
}

/** What `status` says beforehand must fit what then happens. */
const FORESEEN: Record<string, RegExp> = {
  newest: /^restore backup_/,
  older: /^restore backup_/,
  other: /^restore backup_.* of laptop /,
  left: /^leave the database as it is$/,
  empty: /^start empty: /,
};

describe.each(lines.map(([database = '']) => database))('boot with a database: %s', (database) => {
  const here = cases.filter((each) => each.database === database);
  test.skipIf(database === 'read-only disk' && !mountable).each(here)(
    'backups: $backups → $outcome',
    async ({ backups, outcome }) => {
      const folder = scratch();
      mkdirSync(join(folder, 'data'));
      const project = projectIn(folder, {
        db: join(folder, 'data', 'app.db'),
        options: { busyTimeout: 50 },
        ignoreTables: ['colours'],
        environment: 'production',
        boot: bootOf(database),
      });
      const names = await makeBackups(project, backups);
      DATABASES[database]?.(project.db);
      const { words: foreseen } = await previewBoot(project);
      expect(await outcomeOf(project, names)).toBe(outcome);
      // A look cannot know that a disk takes nothing.
      if (!outcome.startsWith('NOT_WRITABLE')) expect(foreseen).toMatch(FORESEEN[outcome] ?? /^refuse to start: /);
      if (['newest', 'older', 'other'].includes(outcome)) {
        expect(rowsOf(project.db)).toBe(outcome === 'older' ? 3 : 5);
        expect(await autoRestore(project)).toEqual({ restored: false, reason: 'the database has data' });
      }
      // What could not be read is set aside, never deleted.
      if (bootOf(database).onCorrupt === 'restore' && outcome !== 'DATABASE_CORRUPT' && !outcome.includes('_'))
        expect(readdirSync(join(project.local, 'aside'))).toHaveLength(1);
      expect(readdirSync(join(folder, 'data')).filter((file) => file.includes('-overwinter'))).toEqual([]);
      if (database === 'locked') rmSync(`${project.db}-journal`, { force: true });
    },
  );
});

function rowsOf(db: string): number {
  const database = new Database(db, { readonly: true });
  try {
    return Number(database.prepare('SELECT count(*) FROM notes').pluck().get());
  } finally {
    database.close();
  }
}

test.skipIf(mountable)('read-only disk: left out, because nothing can be mounted here', () => {
  expect(mountable).toBe(false);
});
