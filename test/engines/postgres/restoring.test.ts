import { describe, expect, test } from 'vitest';
import type { Selection } from '../../../src/core/privacy/left-out.ts';
import type { Committing } from '../../../src/engines/engine.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { clear } from '../../../src/engines/postgres/restore/clear.ts';
import { stage } from '../../../src/engines/postgres/restore/stage.ts';
import type { RestoreTarget } from '../../../src/engines/postgres/restore/target.ts';
import { type AsBackup, save, slicesOf } from '../../support/as-backup.ts';
import { isSlow } from '../../support/chance.ts';
import { makeRole, pgDump } from '../../support/pg-dump.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { scratch } from '../../support/scratch.ts';
import { full, makeGentle, makeHostile, saved, targetOf } from './support.ts';

const quietly = (): Committing => ({
  ignore: [],
  patience: 500,
  keep: async () => {},
  replaced: () => {},
  asideFolder: scratch,
  stamp: '20261120',
});

async function restoreInto(database: TestDatabase, backup: AsBackup, how: Partial<Committing> = {}, completes = false) {
  const staged = stage(targetOf(database), 'replace', undefined);
  try {
    const report = await staged.load(backup.content, slicesOf(backup), () => {});
    if (completes) await staged.complete(backup.leftOut);
    await staged.commit({ ...quietly(), ...how });
    return report;
  } finally {
    await staged.discard();
  }
}

describe.skipIf(postgresPrograms() === undefined)('restoring a PostgreSQL database', () => {
  test('everything comes back into an empty one, whatever the databases say of themselves', async () => {
    const [from, to] = [await full(), await freshDatabase()];
    const before = pgDump(from);
    makeHostile(from);
    makeHostile(to);
    const backup = await saved(from);
    await restoreInto(to, backup, { expected: 'nothing' });
    expect((await saved(to)).digest).toBe(backup.digest);
    makeGentle(to);
    expect(pgDump(to)).toBe(before);
  });

  test('rows come back in place, and everything around them is as it was', async () => {
    const database = await full();
    const backup = await saved(database);
    const before = pgDump(database);
    database.psql(
      `SET session_replication_role = replica; UPDATE users SET name = 'other'; DELETE FROM shop.orders; INSERT INTO tree VALUES (9, 1);
      INSERT INTO events VALUES ('2020-06-01', 'new', 3); TRUNCATE types; SELECT nextval('shop.nums'), nextval('owned'); COMMENT ON TABLE tree IS 'new'; COMMENT ON TABLE users IS NULL;
      REFRESH MATERIALIZED VIEW mv;`,
      'postgres',
    );
    expect(pgDump(database)).not.toBe(before);
    const steps: string[] = [];
    await restoreInto(database, backup, {
      expected: 'data',
      keep: async () => {
        steps.push(`kept with ${database.psql('SELECT count(*) FROM tree').trim()}`);
      },
      replaced: () => void steps.push('replaced'),
    });
    expect(steps).toEqual(['kept with 4', 'replaced']);
    expect(pgDump(database)).toBe(before);
    expect((await saved(database)).digest).toBe(backup.digest);
  });

  test("where other tables stand, they go and the backup's are made, all at once", async () => {
    const [from, to] = [await full(), await freshDatabase()];
    const backup = await saved(from);
    to.psql(`CREATE TABLE users (id uuid PRIMARY KEY, x text); CREATE TABLE other (u uuid REFERENCES users); INSERT INTO users VALUES (gen_random_uuid(), 'x');
      CREATE FUNCTION trg() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT * FROM other; CREATE TYPE mood AS ENUM ('a'); CREATE SEQUENCE nums;
      CREATE FUNCTION of_self(t other) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; ALTER TABLE other ADD CHECK (of_self(other) = 1);`);
    const failing = { keep: () => Promise.reject(new Error('no room for a copy')) };
    const before = pgDump(to);
    await expect(restoreInto(to, backup, failing)).rejects.toThrow('no room for a copy');
    expect(pgDump(to)).toBe(before);
    await restoreInto(to, backup, { expected: 'data' });
    expect(pgDump(to)).toBe(pgDump(from));
    from.psql('ALTER TABLE users ADD COLUMN later int; DROP VIEW grouped; CREATE TABLE more (id int)');
    await restoreInto(from, backup);
    expect(pgDump(from)).toBe(pgDump(to));
  });

  test('what somebody else made of the tables is not taken along', async () => {
    const database = await freshDatabase();
    database.psql('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
    const backup = await saved(database);
    database.psql(`ALTER TABLE t ADD COLUMN x int; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE SCHEMA auth; CREATE VIEW auth.v AS SELECT * FROM public.t; CREATE TABLE auth.u (id int REFERENCES public.t);
      CREATE TRIGGER made AFTER INSERT ON auth.u FOR EACH ROW EXECUTE FUNCTION public.f();`);
    const before = pgDump(database);
    const said = await restoreInto(database, backup).then(String, String);
    expect(said).toContain('trigger made on table auth.u');
    expect(said).toContain('auth.v');
    expect(pgDump(database)).toBe(before);
    database.psql(
      'DROP TRIGGER made ON auth.u; DROP VIEW auth.v; INSERT INTO auth.u VALUES (1); CREATE PUBLICATION news FOR TABLE t',
    );
    const { warnings } = await restoreInto(database, backup);
    expect(warnings).toEqual(['the publication news loses public.t, which is made anew: add it again']);
    expect(database.psql('SELECT * FROM auth.u JOIN t USING (id)')).toBe('1\n');
    expect(pgDump(database)).toContain('FOREIGN KEY (id) REFERENCES public.t(id)');
  });

  test("a role that is not there, a table of somebody else's, and what is no definition stop it before anything is touched", async () => {
    const database = await freshDatabase();
    makeRole(database, 'reader');
    database.psql(
      'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); GRANT SELECT ON t TO reader; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t TO reader',
    );
    const backup = await saved(database);
    const changed = (from: string, to: string): AsBackup => ({
      ...backup,
      content: {
        ...backup.content,
        schema: backup.content.schema.map((object) => ({ ...object, sql: object.sql.replace(from, to) })),
      },
    });
    await expect(restoreInto(database, changed('reader', '"no body"'))).rejects.toThrow(/lacks a role .*: no body/);
    await expect(restoreInto(database, changed('CREATE TABLE', 'DROP TABLE t; CREATE TABLE'))).rejects.toMatchObject({
      code: 'RESTORE_INEXACT',
    });
    database.psql('CREATE TABLE theirs (id int); ALTER TABLE theirs OWNER TO postgres', 'postgres');
    await expect(restoreInto(database, backup)).rejects.toThrow(
      /app may not restore .*: it does not own (public\.)?theirs/,
    );
    expect(database.psql('SELECT * FROM t')).toBe('1\n');
  });

  test('whoever holds a table is named, and nothing is changed', async () => {
    const database = await freshDatabase();
    database.psql('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)');
    const backup = await saved(database);
    const other = await connectToServer(database.url, {});
    try {
      await other.query("SET application_name = 'the app'; BEGIN; INSERT INTO t VALUES (2)");
      await expect(restoreInto(database, backup)).rejects.toMatchObject({
        code: 'DATABASE_LOCKED',
        message: expect.stringMatching(/the app as app \(process \d+, idle in transaction for .*\) holds t/),
      });
      await other.query('COMMIT; BEGIN; SELECT * FROM t');
      // Readers are waited for, too, and may read until then.
      await expect(restoreInto(database, backup)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    } finally {
      await other.close();
    }
    expect(database.psql('SELECT count(*) FROM t')).toBe('2\n');
    await restoreInto(database, backup);
    expect(database.psql('SELECT count(*) FROM t')).toBe('1\n');
  });

  test('rows that do not come out as they went in are not kept', async () => {
    const database = await freshDatabase();
    database.psql(
      "CREATE TABLE t (id int PRIMARY KEY, x char(5), p jsonb, n int CHECK (n > 0)); INSERT INTO t VALUES (1, 'a', '{\"a\": 1}', 1)",
    );
    const backup = await saved(database);
    const withRow = (row: string): AsBackup => ({
      ...backup,
      content: { ...backup.content, data: new Map([['t', { rows: [row] }]]) },
    });
    for (const row of [
      '{"id":1,"x":"a","p":"{\\"a\\": 1}","n":1}',
      '{"id":1,"x":"a    ","p":"{\\"a\\":1}","n":1}',
      '{"id":1,"x":"a    ","p":"{\\"a\\": 1}","n":0}',
      '{"id":1,"x":"a    ","p":"{","n":1}',
      '{"id":1,"x":"a    ","q":null,"n":1}',
      '{"id":null,"x":"a    ","p":"{\\"a\\": 1}","n":1}',
    ])
      await expect(restoreInto(database, withRow(row))).rejects.toMatchObject({ code: 'RESTORE_INEXACT' });
    await restoreInto(database, withRow('{"id":5,"x":"a    ","p":"{\\"a\\": 1}","n":2}'));
    expect(database.psql('SELECT id, n FROM t')).toBe('5|2\n');
  });

  test('what is left out stays as it is, in these tables and in others', async () => {
    const make = async () => {
      const database = await freshDatabase();
      database.psql(`CREATE TABLE users (id int PRIMARY KEY, name text, password text); CREATE TABLE notes (id int PRIMARY KEY, "user" int REFERENCES users, old boolean);
        CREATE TABLE sessions (id int PRIMARY KEY, "user" int REFERENCES users); CREATE TABLE logs (id serial PRIMARY KEY);
        INSERT INTO users VALUES (1, 'Ada', 'lovelace'), (2, 'Bob', NULL); INSERT INTO notes VALUES (1, 1, false), (2, 2, true); INSERT INTO sessions VALUES (1, 1); INSERT INTO logs VALUES (5);`);
      return database;
    };
    const selection: Selection = {
      redacted: { users: ['password'] },
      included: { notes: 'NOT old' },
      excluded: { logs: 'rows', sessions: 'whole' },
    };
    const database = await make();
    const backup = await saved(database, () => selection);
    expect(backup.leftOut).toEqual(selection);
    const told = () =>
      database.psql(
        'SELECT * FROM users ORDER BY id; SELECT * FROM notes ORDER BY id; SELECT * FROM sessions; SELECT * FROM logs',
      );
    const before = told();
    database.psql(
      `UPDATE users SET name = 'x'; INSERT INTO notes VALUES (3, 1, true); UPDATE notes SET old = false WHERE id = 2`,
    );
    await restoreInto(database, backup, {}, true);
    expect(told()).toBe(before.replace('2|2|t', '3|1|t'));
    database.psql('ALTER TABLE users ADD COLUMN later int');
    await restoreInto(database, backup, {}, true);
    expect(told()).toBe(before.replace('2|2|t', '3|1|t'));
    database.psql('DELETE FROM sessions; INSERT INTO users VALUES (9); INSERT INTO sessions VALUES (2, 9)');
    await expect(restoreInto(database, backup, {}, true)).rejects.toThrow(
      /Rows of .*sessions would point nowhere .*Key \(user\)=\(9\)/,
    );
    const other = await freshDatabase();
    await restoreInto(other, backup, {}, true);
    expect(other.psql('SELECT * FROM users ORDER BY id; SELECT * FROM notes; SELECT * FROM logs')).toBe(
      '1|Ada|\n2|Bob|\n1|1|f\n',
    );
  });

  test('a trial is made where it can be, touches nothing, and says where it was', async () => {
    const database = await full();
    const backup = await saved(database);
    database.psql("UPDATE users SET name = 'other'; DROP TABLE types; CREATE TABLE types (id int)", 'postgres');
    const before = pgDump(database);
    makeRole(database, 'plain LOGIN');
    database.psql(`GRANT app TO plain; ALTER DATABASE ${database.name} OWNER TO app`, 'postgres');
    const ours: string[] = [];
    const drill = async (role: string) => {
      const target = targetOf(database, role);
      const { connectTo } = target;
      const watched = connectTo && {
        connectTo(name: string) {
          ours.push(name);
          return connectTo(name);
        },
      };
      const staged = stage({ ...target, ...watched }, 'replace', scratch());
      try {
        await staged.load(backup.content, slicesOf(backup), () => {});
        const { digest } = await save(staged);
        return [staged.where?.(), digest === backup.digest, (await staged.counts()).get('users')];
      } finally {
        await staged.discard();
      }
    };
    expect(await drill('postgres')).toEqual(['a scratch database', true, 50]);
    expect(await drill('app')).toEqual(['a scratch database', true, 50]);
    // What an extension has made may only be moved by whoever owns that.
    if (isSlow) expect(await drill('plain')).toEqual(['PGlite, in memory', true, 50]);
    expect(pgDump(database)).toBe(before);
    // Others make some on the same server at the same time.
    expect(ours.length).toBeGreaterThanOrEqual(2);
    const there = database.psql('SELECT datname FROM pg_database').split('\n');
    expect(there.filter((name) => ours.includes(name))).toEqual([]);
  });

  test('where another server is named for it, a trial is made there or nowhere', async () => {
    const database = await freshDatabase();
    database.psql('CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users SELECT generate_series(1, 50)');
    makeRole(database, 'reading LOGIN');
    database.psql('CREATE POLICY seen ON users FOR SELECT TO reading USING (true)');
    const backup = await saved(database);
    const asOther = { ...targetOf(database, 'postgres'), label: 'elsewhere' };
    const drill = async (drillOn: RestoreTarget['drillOn']) => {
      const staged = stage({ ...targetOf(database), drillOn }, 'replace', scratch());
      try {
        await staged.load(backup.content, slicesOf(backup), () => {});
        return [staged.where?.(), (await save(staged)).digest === backup.digest];
      } finally {
        await staged.discard();
      }
    };
    const { label, connect, connectTo } = asOther;
    if (connectTo === undefined) throw new Error('a server has other databases');
    expect(await drill({ label, connect, connectTo })).toEqual(['a scratch database on elsewhere', true]);
    const outOfReach = () => Promise.reject(new Error('nobody answers'));
    await expect(drill({ label, connect: outOfReach, connectTo })).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('nobody answers'),
    });
  });

  test('where no database can be made, a trial is made in the database itself, and others do not notice', async () => {
    const database = await freshDatabase();
    makeRole(database, 'plain LOGIN');
    database.psql('CREATE SCHEMA shop AUTHORIZATION plain', 'postgres');
    database.psql(`ALTER DATABASE ${database.name} OWNER TO plain`, 'postgres');
    database.psql(
      'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE shop.b (a int REFERENCES a); INSERT INTO a VALUES (1), (2); INSERT INTO shop.b VALUES (2)',
      'plain',
    );
    const backup = await saved(database);
    const before = pgDump(database);
    const staged = stage(targetOf(database, 'plain'), 'replace', scratch());
    try {
      await staged.load(backup.content, slicesOf(backup), () => {});
      expect(
        database.psql(
          'ALTER TABLE a ADD COLUMN x int; ALTER TABLE a DROP COLUMN x; INSERT INTO shop.b VALUES (1); DELETE FROM shop.b WHERE a = 1; SELECT count(*) FROM a',
          'plain',
        ),
      ).toBe('2\n');
      expect((await save(staged)).digest).toBe(backup.digest);
      expect(staged.where?.()).toBe('the database itself, in a transaction that was not committed');
    } finally {
      await staged.discard();
    }
    expect(pgDump(database)).toBe(before);
  });

  test('tables are emptied after what comes first, or not at all', async () => {
    const database = await freshDatabase();
    database.psql(`CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); CREATE TABLE c (b int REFERENCES b ON DELETE CASCADE);
      ALTER TABLE a ADD COLUMN b int REFERENCES b; INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1); UPDATE a SET b = 1; INSERT INTO c VALUES (1), (1);`);
    const steps: string[] = [];
    const first = async () => void steps.push(database.psql('SELECT count(*) FROM c').trim());
    await expect(clear(targetOf(database), ['b'], first, 500)).rejects.toMatchObject({
      code: 'ROWS_REFERENCED',
      hint: expect.stringContaining('clear b a'),
    });
    await expect(clear(targetOf(database), ['nobody'], first, 500)).rejects.toMatchObject({ code: 'USAGE' });
    expect(await clear(targetOf(database), ['a', 'b'], first, 500)).toEqual(
      new Map([
        ['a', 1],
        ['b', 1],
        ['c', 2],
      ]),
    );
    expect(steps).toEqual(['2', '2']);
  });
});
