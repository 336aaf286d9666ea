import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { rowCount } from '../../src/core/manifest.ts';
import type { Selection } from '../../src/core/privacy/left-out.ts';
import { countRows } from '../../src/engines/codec.ts';
import type { Committing, Database, Reading, RowsWanted, SliceSource, Staged } from '../../src/engines/engine.ts';
import { collect } from '../../src/operations/collect.ts';
import { type AsBackup, bytesOf, save, slicesOf } from '../support/as-backup.ts';
import { scratch } from '../support/scratch.ts';

/** Rows as everybody can write them: whole numbers, text and nothing. */
export type Row = Readonly<Record<string, string | number | null>>;
/** The first column is the key of a table, and all others may be empty. */
export type Tables = Readonly<Record<string, { readonly columns: readonly string[]; readonly rows: readonly Row[] }>>;

/** A database that is not there yet, and what the tests need to do to it. */
export interface Made {
  readonly database: Database;
  /** The same one, opened once more. */
  again(): Promise<Database> | Database;
  /** Another that is not there yet either. */
  another(): Promise<Database> | Database;
  /** Makes these tables, in this order, in the database or in another, with these rows. Those that are there get the rows besides. */
  write(tables: Tables, into?: Database): Promise<void> | void;
  /** The rows of a table, by its key. */
  rowsOf(table: string): Promise<readonly Row[]> | readonly Row[];
  /** Whether others may write beside it, and a change of theirs is one to whoever asks. */
  readonly isShared?: boolean;
  /** Makes of it what is no database any more; undefined where that cannot be done. */
  spoil?(): Promise<void> | void;
}

const USERS = {
  columns: ['id', 'name', 'password'],
  rows: [
    { id: 1, name: 'Ada', password: 'lovelace' },
    { id: 2, name: 'Grace "Amazing" \n Hopper', password: null },
  ],
};
const NOTES = {
  columns: ['id', 'text'],
  rows: Array.from({ length: 3000 }, (_, id) => ({ id, text: `note ${id} ${'ü'.repeat(id % 90)}` })),
};
const ROWS = new Map([
  ['users', 2],
  ['notes', 3000],
]);
const SAMPLE: Tables = { users: USERS, notes: NOTES };
const EMPTY: Tables = { users: { ...USERS, rows: [] }, notes: { ...NOTES, rows: [] } };
const MORE: Tables = { users: { ...USERS, rows: [{ id: 7, name: 'Alan', password: 'bombe' }] } };

/** What every kind of database must do, whatever it is. `make` gives one that is not there yet. */
export function engineContract(kind: string, make: () => Made | Promise<Made>): void {
  const name = (what: string) => `${kind}: ${what}`;
  const made = async (...writes: readonly Tables[]) => {
    const it = await make();
    for (const tables of writes) await it.write(tables);
    return it;
  };

  test(name('what it holds is told without reading it'), async () => {
    const it = await make();
    const look = async (ignore: readonly string[] = []) => [
      (await it.database.state(ignore)).kind,
      await it.database.standing(ignore),
    ];
    expect(['missing', 'no-tables']).toContain((await it.database.state([])).kind);
    expect(await it.database.standing([])).toBe('nothing');
    await it.write(EMPTY);
    expect(await look()).toEqual(['no-rows', 'empty-tables']);
    await it.write(MORE);
    expect(await look()).toEqual(['rows', 'data']);
    expect(await look(['users'])).toEqual(['no-rows', 'empty-tables']);
    expect(await it.database.state([])).toEqual({ kind: 'rows', tables: 2 });
  });

  test(name('it is the same one however often it is opened, and no other'), async () => {
    const { database, again, another } = await made(SAMPLE);
    const [same, other] = [await again(), await another()];
    expect(same.id).toBe(database.id);
    expect(other.id).not.toBe(database.id);
    expect([...(await same.counts())]).toEqual([...(await database.counts())]);
    expect(await other.standing([])).toBe('nothing');
  });

  test(name('its rows are counted as its backups count them, in the order of its schema'), async () => {
    const { database } = await made(SAMPLE);
    const counts = await database.counts();
    expect(counts).toEqual(ROWS);
    const { content } = await save(database);
    const { schema, data } = content;
    expect([...counts.keys()]).toEqual(database.codec.countedTables(schema).map((table) => table.name));
    expect(
      countRows(database.codec.countedTables(schema), (table) => rowCount(data.get(table) ?? { rows: [] })),
    ).toEqual(counts);
    expect((await database.describe()).schema).toEqual(schema);
    expect(schema.every(({ type }) => database.codec.kinds.includes(type))).toBe(true);
    expect(database.codec.readSettings(JSON.parse(JSON.stringify(content.settings)))).toEqual(content.settings);
  });

  test(name('it says of what it is made, and what tells its rows apart'), async () => {
    const { database } = await made(SAMPLE);
    const { schema, shapes } = await database.describe();
    const users = shapes.tables.find((table) => table.name === 'users');
    expect(users?.columns.map((column) => column.name)).toEqual(USERS.columns);
    expect(users?.columns.map((column) => column.isKey)).toEqual([true, false, false]);
    expect((await database.keysOf(schema)).get('users')).toEqual(['id']);
  });

  test(name('the same rows are the same bytes, however they came in'), async () => {
    const [one, other] = [await made(SAMPLE), await made(EMPTY, reversed(SAMPLE))];
    const [first, again, second] = [
      await save(one.database),
      await save(await one.again()),
      await save(other.database),
    ];
    expect([again.digest, second.digest]).toEqual([first.digest, first.digest]);
  });

  test(name('a reading is one moment, whatever is written meanwhile'), async () => {
    const { database, again, write } = await made(SAMPLE);
    const { digest } = await save(database);
    const reading = await database.read(scratch());
    // It may wait, too, until the reading is done.
    const isWritten = await attempt(() => write(MORE));
    try {
      expect(
        (
          await collect(
            reading,
            async () => 0,
            () => {},
          )
        ).digest,
      ).toBe(digest);
    } finally {
      await reading.close();
    }
    if (!isWritten) await write(MORE);
    expect((await save(await again())).digest).not.toBe(digest);
  });

  test(name('what a column holds is told by some rows, or by all'), async () => {
    const it = await made({ users: { ...USERS, rows: [{ id: 1, name: 'Ada', password: null }] } });
    const reading = await it.database.read(scratch());
    try {
      const table = reading.tables.find((each) => each.name === 'users');
      expect(table?.own).toBe(true);
      expect(await table?.sparseColumns()).toEqual(['password']);
      expect(await table?.emptyAmong(['name', 'password'])).toEqual(['password']);
      expect(await table?.missingValue()).toBeUndefined();
      expect(new Set((await table?.samples(5))?.get('name'))).toEqual(new Set(['Ada']));
    } finally {
      await reading.close();
    }
  });

  test(name('what is restored elsewhere is the same, to the byte'), async () => {
    const { database, another } = await made(SAMPLE);
    const saved = await save(database);
    const other = await another();
    const staged = await stagedFrom(other, saved);
    try {
      const done = await staged.commit(quietly());
      expect(done.setAside).toBeUndefined();
    } finally {
      await staged.discard();
    }
    expect((await save(other)).digest).toBe(saved.digest);
    expect(await other.standing([])).toBe('data');
    expect(other.isTidy()).toBe(true);
  });

  test(name('what is staged is out of sight until it is put in place'), async () => {
    const it = await made(SAMPLE);
    const saved = await save(it.database);
    await it.write(MORE);
    const before = await save(it.database);
    const staged = await stagedFrom(it.database, saved);
    expect((await save(await it.again())).digest).toBe(before.digest);
    expect(await staged.counts()).toEqual(ROWS);
    expect((await save(staged)).digest).toBe(saved.digest);
    await staged.discard();
    expect((await save(await it.again())).digest).toBe(before.digest);
    expect(it.database.isTidy()).toBe(true);
  });

  test(name('what is there is kept just before it is replaced'), async () => {
    const it = await made(SAMPLE);
    const saved = await save(it.database);
    await it.write(MORE);
    const steps: string[] = [];
    const staged = await stagedFrom(it.database, saved);
    try {
      await staged.commit({
        ...quietly(),
        expected: 'data',
        keep: async () => {
          const { content } = await save(it.database);
          steps.push(`kept with ${rowCount(content.data.get('users') ?? { rows: [] })}`);
        },
        replaced: () => void steps.push('replaced'),
      });
    } finally {
      await staged.discard();
    }
    expect(steps).toEqual(['kept with 3', 'replaced']);
    expect((await it.rowsOf('users')).length).toBe(2);
  });

  test(name('where it cannot be kept, it is not replaced'), async () => {
    const it = await made(SAMPLE);
    const saved = await save(it.database);
    await it.write(MORE);
    const before = await save(it.database);
    const staged = await stagedFrom(it.database, saved);
    const keep = async () => {
      throw new Error('no room for a copy');
    };
    await expect(staged.commit({ ...quietly(), keep })).rejects.toThrow('no room for a copy');
    await staged.discard();
    expect((await save(await it.again())).digest).toBe(before.digest);
  });

  test(name('whoever looks at what is to be in the place sees all of it, and can stop it'), async () => {
    const it = await made(SAMPLE);
    const saved = await save(it.database);
    const other = await it.another();
    const staged = await stagedFrom(other, saved);
    const seen: string[] = [];
    const look = async (reading: Reading) => {
      seen.push((await save({ read: async () => reading })).digest);
      throw new Error('it is not what it should be');
    };
    await expect(staged.commit({ ...quietly(), check: { scratch: scratch(), look } })).rejects.toThrow(
      'not what it should',
    );
    await staged.discard();
    expect(seen).toEqual([saved.digest]);
    expect(await other.standing([])).toBe('nothing');
    expect(other.isTidy()).toBe(true);
  });

  test(name('rows that somebody wrote meanwhile are not replaced'), async () => {
    const it = await make();
    const from = await it.another();
    await it.write(SAMPLE, from);
    const staged = await stagedFrom(it.database, await save(from));
    await it.write(MORE);
    await expect(staged.commit({ ...quietly(), expected: 'nothing' })).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
    });
    await staged.discard();
    expect(await it.rowsOf('users')).toEqual(MORE.users?.rows);
  });

  test(name('a backup whose rows are not all there is refused'), async () => {
    const { database, another } = await made(SAMPLE);
    const saved = await save(database);
    const other = await another();
    const staged = await other.stage('replace');
    const fewer: SliceSource = async function* (table, share) {
      if (table !== 'users') yield* slicesOf(saved)(table, share);
    };
    await expect(staged.load(saved.content, fewer, () => {})).rejects.toMatchObject({ code: 'RESTORE_INEXACT' });
    await staged.discard();
    expect(await other.standing([])).toBe('nothing');
    expect(other.isTidy()).toBe(true);
  });

  test(name('rows go into empty tables that are there, by the names of their columns'), async () => {
    const it = await make();
    const from = await it.another();
    await it.write(SAMPLE, from);
    const saved = await save(from);
    await it.write({ notes: { columns: ['id', 'pinned', 'text'], rows: [] }, users: USERS });
    const staged = await it.database.stage('fill');
    try {
      const { rows, warnings } = await staged.load(saved.content, slicesOf(saved), () => {});
      expect(rows).toBe(3000);
      expect(warnings.join()).toContain('users had rows already and keeps them');
      await staged.commit(quietly());
    } finally {
      await staged.discard();
    }
    expect((await it.rowsOf('notes'))[2]).toEqual({ id: 2, pinned: null, text: 'note 2 üü' });
  });

  test(name('rows without a place are not dropped in silence'), async () => {
    const it = await make();
    const from = await it.another();
    await it.write(SAMPLE, from);
    const { content, ...saved } = await save(from);
    const slices = slicesOf({ content, ...saved });
    await it.write({ notes: NOTES, users: { columns: ['id', 'name'], rows: [] } });
    const column = await it.database.stage('fill');
    await expect(column.load(content, slices, () => {})).rejects.toMatchObject({ code: 'COLUMN_GONE' });
    await column.discard();
    const other = await it.another();
    await it.write({ notes: { ...NOTES, rows: [] } }, other);
    const table = await other.stage('fill');
    await expect(table.load(content, slices, () => {})).rejects.toMatchObject({ code: 'TABLE_GONE' });
    await table.discard();
  });

  test(name('a trial in a folder of its own touches nothing'), async () => {
    const it = await made(SAMPLE);
    const saved = await save(it.database);
    await it.write(MORE);
    const before = await save(it.database);
    const staged = await stagedFrom(it.database, saved, scratch());
    expect((await save(staged)).digest).toBe(saved.digest);
    await staged.discard();
    expect((await save(await it.again())).digest).toBe(before.digest);
  });

  test(name('what is left out is neither read nor taken away'), async () => {
    const it = await made(SAMPLE);
    const selection: Selection = { redacted: { users: ['password'] }, excluded: { notes: 'rows' } };
    const saved = await save(it.database, () => selection);
    expect(saved.leftOut).toEqual(selection);
    expect(bytesOf(saved, 'users').toString()).not.toContain('lovelace');
    expect(saved.content.data.get('notes')).toEqual({ rows: [] });
    expect(saved.there).toEqual(await it.database.counts());
    const staged = await stagedFrom(it.database, saved);
    try {
      await staged.complete(saved.leftOut);
      await staged.commit(quietly());
    } finally {
      await staged.discard();
    }
    expect((await it.rowsOf('users'))[0]).toEqual(USERS.rows[0]);
    expect((await it.rowsOf('notes')).length).toBe(3000);
  });

  test(name('a value stands where another was left out'), async () => {
    const { database } = await made(SAMPLE);
    const saved = await save(database, () => ({
      redacted: { users: ['password'] },
      replaced: { users: ['password'] },
      values: { users: { password: 'secret' } },
    }));
    const text = bytesOf(saved, 'users').toString();
    expect(text).not.toContain('lovelace');
    expect(text.match(/"password":"secret"/g)).toHaveLength(2);
  });

  test(name('rows of some tables come back beside those that are there, or none does'), async () => {
    const it = await made(SAMPLE);
    if (it.database.bringRows === undefined) return;
    const saved = await save(it.database);
    await it.database.clear(['users', 'notes'], async () => {});
    await it.write({ ...MORE, notes: { ...NOTES, rows: [{ id: 1, text: 'another' }] } });
    const before = await save(it.database);
    const wanted = { tables: ['users', 'notes'], exact: false, withParents: false };
    const bring = (more: Partial<RowsWanted>, first?: () => Promise<void>) =>
      it.database.bringRows?.(
        saved.content,
        slicesOf(saved),
        { ...wanted, ...more },
        {
          scratch: scratch(),
          onRows: () => {},
          ...(first === undefined ? {} : { first }),
        },
      );
    const counts = {
      added: new Map([
        ['users', 2],
        ['notes', 2999],
      ]),
      changed: new Map([['notes', 1]]),
      removed: new Map(),
    };
    expect(await bring({})).toMatchObject(counts);
    await expect(bring({}, () => Promise.reject(new Error('no room for a copy')))).rejects.toThrow(
      'no room for a copy',
    );
    expect((await save(it.database)).digest).toBe(before.digest);
    let kept = 0;
    expect(await bring({ tables: ['users'], where: 'id = 2' }, async () => void kept++)).toMatchObject({
      added: new Map([['users', 1]]),
    });
    expect((await it.rowsOf('users')).map(({ id }) => id)).toEqual([2, 7]);
    const exactly = await bring({ exact: true }, async () => void kept++);
    expect(exactly).toMatchObject({
      added: new Map([
        ['users', 1],
        ['notes', 2999],
      ]),
      removed: new Map([['users', 1]]),
    });
    expect((await save(await it.again())).digest).toBe(saved.digest);
    expect(await bring({ exact: true }, async () => void kept++)).toMatchObject({ added: new Map(), warnings: [] });
    expect(kept).toBe(2);
  });

  test(name('tables are emptied after what comes first, or not at all'), async () => {
    const it = await made(SAMPLE);
    const { digest } = await save(it.database);
    let kept = '';
    // Whoever keeps what is there before it goes reads all of it.
    const first = async () => {
      kept = (await save(it.database)).digest;
    };
    const gone = await it.database.clear(['users'], first);
    expect([kept, gone.get('users'), gone.get('notes')]).toEqual([digest, 2, 0]);
    expect(await it.rowsOf('users')).toEqual([]);
    const failing = async () => {
      throw new Error('not kept');
    };
    await expect(it.database.clear(['notes'], failing)).rejects.toThrow();
    await expect(it.database.clear(['nobody'], first)).rejects.toMatchObject({ code: 'USAGE' });
    expect((await it.rowsOf('notes')).length).toBe(3000);
  });

  test(name('a change is noticed, whoever makes it, and nothing is where nobody made one'), async () => {
    const it = await made(SAMPLE);
    const watch = it.database.watch();
    let id = 100;
    // Looked at alike with and without a change, several times: what others do to the same server does not come in this order.
    const look = async () => {
      const seen = [await watch.changed()];
      for (let turn = 0; turn < 3; turn++) {
        await it.write({ users: { ...USERS, rows: [{ id: id++, name: 'Alan', password: null }] } });
        seen.push(await watch.changed(), await watch.changed());
      }
      return seen;
    };
    const wanted = [false, true, false, true, false, true, false];
    try {
      expect(await watch.changed()).toBe(true);
      let seen = await look();
      for (let tries = 0; it.isShared && tries < 40 && String(seen) !== String(wanted); tries++) seen = await look();
      expect(seen).toEqual(wanted);
    } finally {
      await watch.close();
    }
  });

  test(name('a fingerprint is that of whoever else asks, and another after every change'), async () => {
    const it = await made(SAMPLE);
    const saved = await save(it.database);
    const other = await it.again();
    let before: string | undefined;
    const isAnother = async () => {
      const now = await sureFingerprint(it.database, other);
      if (it.database.file !== undefined) expect(now).toBeDefined();
      if (now !== undefined) expect(now).not.toBe(before);
      before = now;
    };
    await isAnother();
    await it.write({ notes: { ...NOTES, rows: [{ id: 5000, text: 'one more' }] } });
    await isAnother();
    await it.database.clear(['notes'], async () => {});
    await isAnother();
    const staged = await stagedFrom(it.database, saved);
    await staged.commit(quietly()).finally(() => staged.discard());
    await isAnother();
  });

  test(name('what cannot be read is no empty database, and is kept where it is replaced'), async () => {
    const it = await made(SAMPLE);
    const saved = await save(it.database);
    if (it.spoil === undefined) return;
    await it.spoil();
    await expect(it.database.state([])).rejects.toThrow();
    await expect(it.database.read(scratch())).rejects.toThrow();
    expect(await it.database.standing([])).toBe('unreadable');
    const staged = await stagedFrom(it.database, saved);
    try {
      expect((await staged.commit(quietly())).setAside).toEqual(expect.any(String));
    } finally {
      await staged.discard();
    }
    expect((await save(await it.again())).digest).toBe(saved.digest);
  });

  test(name('a lock of its own is held by one at a time, and let go of whatever happens'), async () => {
    const { database, again } = await made(SAMPLE);
    const other = await again();
    if (database.lock === undefined || other.lock === undefined) return;
    const lock = other.lock.bind(other);
    await database.lock(0, async () => {
      await expect(lock(20, async () => 'held')).rejects.toMatchObject({ code: 'BUSY' });
    });
    const failing = async () => {
      throw new Error('inside');
    };
    await expect(lock(0, failing)).rejects.toThrow('inside');
    await expect(database.lock(0, async () => 'free')).resolves.toBe('free');
  });

  test(name('it can be closed, and more than once'), async () => {
    const { database } = await made(SAMPLE);
    await database.counts();
    await database.close();
    await database.close();
  });
}

/** What both say. One that was written to only just now may not be sure yet, and some never are. */
async function sureFingerprint(one: Database, other: Database): Promise<string | undefined> {
  for (let tries = 0; tries < 40; tries++) {
    const [a, b] = [await one.fingerprint(), await other.fingerprint()];
    if (a !== undefined && a === b) return a;
    await sleep(10);
  }
  return undefined;
}

async function stagedFrom(database: Database, saved: AsBackup, folder?: string): Promise<Staged> {
  const staged = await database.stage('replace', folder);
  await staged.load(saved.content, slicesOf(saved), () => {});
  return staged;
}

async function attempt(work: () => Promise<void> | void): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}

const quietly = (): Committing => ({
  ignore: [],
  patience: 1000,
  keep: async () => {},
  replaced: () => {},
  asideFolder: scratch,
  stamp: '20261120',
});

const reversed = (tables: Tables): Tables =>
  Object.fromEntries(
    Object.entries(tables).map(([table, { columns, rows }]) => [table, { columns, rows: rows.toReversed() }]),
  );
