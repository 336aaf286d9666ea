import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { rowAsValue } from '../../../src/core/row-key.ts';
import { backup } from '../../../src/operations/backup.ts';
import { rowLog } from '../../../src/operations/log/row-log.ts';
import { tableLog } from '../../../src/operations/log/table-log.ts';
import { prune } from '../../../src/operations/prune.ts';
import { type Chance, chance, isSlow, tries } from '../../support/chance.ts';
import type { TestProject } from '../../support/project.ts';
import { newRepository, type TestRepository } from '../../support/repository.ts';
import { projectIn } from '../../support/scratch.ts';

type Row = Readonly<Record<string, unknown>>;
/** By table, its rows by their keys. */
type State = ReadonlyMap<string, ReadonlyMap<string, Row>>;

interface Saved {
  readonly name: string;
  readonly environment: string;
  readonly state: State;
  isCommitted: boolean;
}

/** Keys of each kind: the rowid, a column beside it, several columns without a rowid, and none at all. */
const TABLES: Readonly<Record<string, { readonly sql: string; readonly key: readonly string[] }>> = {
  notes: { sql: 'CREATE TABLE notes(text TEXT, id INTEGER PRIMARY KEY)', key: ['id'] },
  people: { sql: 'CREATE TABLE people(email TEXT PRIMARY KEY, text TEXT)', key: ['email'] },
  members: {
    sql: 'CREATE TABLE members(team INTEGER, person TEXT, text TEXT, PRIMARY KEY(team, person)) WITHOUT ROWID',
    key: ['team', 'person'],
  },
  events: { sql: 'CREATE TABLE events(id INTEGER, text TEXT)', key: ['rowid'] },
};
const TABLE_NAMES = Object.keys(TABLES);
const keyColumns = (table: string) => TABLES[table]?.key ?? [];
/** Those whose rows have a number beside their columns. */
const NUMBERED = ['people', 'events'];
const LONG = 'x'.repeat(180);

const nth = (table: string, n: number): readonly unknown[] =>
  table === 'notes' || table === 'events' ? [n] : table === 'people' ? [`p${n}@example.org`] : [n % 7, `p"${n}\u0001ü`];

function write(db: Database.Database, table: string, n: number, text: string): void {
  const key = nth(table, n);
  const columns = table === 'events' ? ['rowid', 'text'] : [...keyColumns(table), 'text'];
  db.prepare(
    `INSERT OR REPLACE INTO ${table}(${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  ).run(...key, text);
}

function remove(db: Database.Database, table: string, n: number): void {
  const where = keyColumns(table).map((column) => `${column} = ?`);
  db.prepare(`DELETE FROM ${table} WHERE ${where.join(' AND ')}`).run(...nth(table, n));
}

function stateOf(db: Database.Database): State {
  return new Map(
    TABLE_NAMES.map((table) => {
      const rows = db.prepare<[], Row>(`SELECT ${NUMBERED.includes(table) ? 'rowid, ' : ''}* FROM ${table}`).all();
      return [
        table,
        new Map(
          rows.map((row) => [
            keyColumns(table)
              .map((column) => row[column])
              .join(' '),
            row,
          ]),
        ),
      ];
    }),
  );
}

/** A database and its repository, edited, saved, committed, branched, merged and pruned by chance; and what was saved, in order. */
async function history(dice: Chance, steps: number) {
  const repository = newRepository({ hooks: false });
  const { db, saved, project } = begin(repository);
  for (let step = 0; step < steps; step++) {
    edit(db, dice, step);
    const environment = dice.pick(['laptop', 'laptop', 'production']);
    const { name, status } = await backup({ ...project, environment }, { trigger: 'test', allowShrink: true });
    if (status === 'created') saved.push({ name, environment, state: stateOf(db), isCommitted: false });
    if (dice.below(5) > 0) commit(repository, saved);
    if (dice.below(4) === 0) await thinOut(project, saved);
    if (dice.below(4) === 0) branchOrMerge(repository, saved, dice, step);
  }
  commit(repository, saved);
  db.close();
  return { repository, project, saved };
}

function begin(repository: TestRepository) {
  const project = projectIn(repository.top, { db: join(repository.top, 'app.db') });
  const db = new Database(project.db);
  db.exec('DROP TABLE notes');
  for (const { sql } of Object.values(TABLES)) db.exec(sql);
  db.transaction(() => {
    for (const table of TABLE_NAMES) for (let n = 0; n < 1200; n++) write(db, table, n, `${LONG} ${n}`);
  })();
  const saved: Saved[] = [];
  return { db, saved, project };
}

function edit(db: Database.Database, dice: Chance, step: number): void {
  db.transaction(() => {
    for (let n = dice.below(4); n >= 0; n--) {
      const [table, at] = [dice.pick(TABLE_NAMES), dice.pick(WATCHED)];
      if (dice.below(3) === 0) remove(db, table, at);
      else write(db, table, at, `step ${step}, ${dice.below(3)}`);
    }
  })();
  if (step > 0 && dice.below(8) === 0)
    db.exec(`ALTER TABLE ${dice.pick(TABLE_NAMES)} ADD COLUMN c${step} INTEGER DEFAULT ${step}`);
}

function commit(repository: TestRepository, saved: readonly Saved[]): void {
  repository.git(['add', '-A', 'backups']);
  repository.git(['commit', '-q', '--allow-empty', '-m', `after ${saved.length}`]);
  for (const each of saved) each.isCommitted = true;
}

/** What goes without having been committed is gone. */
async function thinOut(project: TestProject, saved: Saved[]): Promise<void> {
  const { removed } = await prune(project, { last: 2, daily: 0, weekly: 0, monthly: 0 }, false);
  for (const name of removed) {
    const at = saved.findIndex((each) => each.name === name && !each.isCommitted);
    if (at !== -1) saved.splice(at, 1);
  }
}

function branchOrMerge(repository: TestRepository, saved: readonly Saved[], dice: Chance, step: number): void {
  commit(repository, saved);
  const others = repository.git(['branch', '--format=%(refname:short)', '--no-merged']).split('\n').filter(Boolean);
  const other = others[0];
  if (other === undefined) {
    const base = repository.git(['rev-list', '--max-count=4', 'HEAD']).trim().split('\n');
    repository.git(['checkout', '-q', '-b', `b${step}`, dice.pick(base)]);
    return;
  }
  const merge = (...how: string[]) => repository.tryGit(['merge', '-q', '--no-edit', ...how, other]).status === 0;
  if (dice.below(2) === 0 && merge('-X', 'ours')) return;
  // What git cannot put together, somebody settles: with what is here.
  repository.tryGit(['merge', '--abort']);
  expect(merge('-s', 'ours')).toBe(true);
}

const WATCHED = [0, 3, 400, 700, 1198, 1200, 5000];

/** What the plain model says: each backup beside the one before it. */
function* beside(saved: readonly Saved[]): Generator<{ is: Saved; was: Saved | undefined }> {
  for (const [at, is] of [...saved.entries()].reverse()) {
    const older = saved.slice(0, at);
    yield { is, was: older.findLast(({ environment }) => environment === is.environment) ?? older.at(-1) };
  }
}

/** The number of a row that has a key is not shown. */
function asShown(table: string, row: Row | undefined): Row | undefined {
  if (row === undefined || table !== 'people') return row;
  const { rowid: _, ...columns } = row;
  return columns;
}

function lifeOf(saved: readonly Saved[], table: string, key: string) {
  return [...beside(saved)].flatMap(({ is, was }) => {
    const row = (each: Saved | undefined) => asShown(table, each?.state.get(table)?.get(key));
    const [before, after] = [row(was), row(is)];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    return [{ backup: is.name, change, before, after }];
  });
}

function countsOf(saved: readonly Saved[], table: string) {
  return [...beside(saved)].flatMap(({ is, was }) => {
    const [old, now] = [was?.state.get(table) ?? new Map<string, Row>(), is.state.get(table) ?? new Map<string, Row>()];
    const added = [...now.keys()].filter((key) => !old.has(key)).length;
    const removed = [...old.keys()].filter((key) => !now.has(key)).length;
    const changed = [...now].filter(
      ([key, row]) => old.has(key) && JSON.stringify(old.get(key)) !== JSON.stringify(row),
    ).length;
    return added + removed + changed === 0 ? [] : [{ backup: is.name, added, changed, removed }];
  });
}

test('the life of a row and of a table is what a list of all states says, through branches, merges and pruning', async () => {
  for (let run = 0; run < tries(1, 8); run++) {
    const dice = chance();
    const { repository, project, saved } = await history(dice, isSlow ? 50 : 14);
    const place = { repository: await repository.open(), folder: join(repository.top, 'backups'), inside: 'backups' };
    for (const table of TABLE_NAMES) {
      for (const n of WATCHED) {
        const key = nth(table, n).map(String);
        const { events } = await rowLog(project, place, table, key, Number.POSITIVE_INFINITY);
        const found = events.map(({ version, change, before, after }) => ({
          backup: version.name,
          change,
          before: before && rowAsValue(before),
          after: after && rowAsValue(after),
        }));
        expect(found, `seed ${dice.seed}, ${table} ${key}`).toEqual(lifeOf(saved, table, key.join(' ')));
      }
      const { events } = await tableLog(project, place, table, Number.POSITIVE_INFINITY);
      const counted = events
        .filter(({ added, changed, removed }) => added + changed + removed > 0)
        .map(({ version, added, changed, removed }) => ({ backup: version.name, added, changed, removed }));
      expect(counted, `seed ${dice.seed}, ${table}`).toEqual(countsOf(saved, table));
    }
  }
}, 600_000);
