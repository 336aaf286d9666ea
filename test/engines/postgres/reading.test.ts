import { describe, expect, test } from 'vitest';
import type { Selection } from '../../../src/core/privacy/left-out.ts';
import type { Connect } from '../../../src/engines/postgres/driver.ts';
import { connectToServer } from '../../../src/engines/postgres/pg-driver.ts';
import { openFolder, sessionIn } from '../../../src/engines/postgres/pglite-driver.ts';
import { read, readWithin } from '../../../src/engines/postgres/read.ts';
import { fixedSettings } from '../../../src/engines/postgres/session-settings.ts';
import { everyType } from '../../support/every-type.ts';
import { emptyPglite } from '../../support/pglite.ts';
import { freshDatabase, postgresPrograms, type TestDatabase } from '../../support/postgres.ts';
import { readAll } from '../../support/reading.ts';
import { scratch } from '../../support/scratch.ts';

const withServer = describe.skipIf(postgresPrograms() === undefined);

const to =
  (url: string): Connect =>
  () =>
    connectToServer(url, {});
const readingOf = (url: string, selection?: Selection) =>
  read({ label: 'db/shop', scope: {}, connect: to(url) }, selection === undefined ? undefined : () => selection);
const all = async (url: string, selection?: Selection) => readAll(await readingOf(url, selection));

/** What a database may say about how values look, for everybody who asks it. */
const HOSTILE = [
  "DateStyle = 'SQL, DMY'",
  "IntervalStyle = 'iso_8601'",
  "TimeZone = 'Asia/Kathmandu'",
  'extra_float_digits = -3',
  "bytea_output = 'escape'",
  "lc_monetary = 'C'",
  'quote_all_identifiers = on',
  'search_path = owned, public',
];

withServer('a database on a server', () => {
  test('says every value of every type in the same bytes, whatever it is set to', async () => {
    const { sql, types } = everyType({ extensions: true });
    expect(types.length).toBeGreaterThan(60);
    const plain = await freshDatabase();
    const hostile = await freshDatabase();
    for (const { psql } of [plain, hostile]) psql(sql);
    for (const setting of HOSTILE) hostile.psql(`ALTER DATABASE ${hostile.name} SET ${setting}`, 'postgres');
    const [one, other] = [await all(plain.url), await all(hostile.url)];
    expect(other.lines.get('every_type')).toBe(one.lines.get('every_type'));
    expect(other.digest).toBe(one.digest);
  });

  test('takes every value again as it said it', async () => {
    const { sql, types } = everyType({ extensions: true });
    const { psql, url } = await freshDatabase();
    psql(sql);
    const { lines } = await all(url);
    // Of each column what a row says, put in again by its own type: by nothing that is tried here.
    const columns = types.map((type, at) => {
      const text = `CASE json_typeof(l -> 'c${at}') WHEN 'object' THEN concat('\\x', encode(decode(l -> 'c${at}' ->> '$blob', 'base64'), 'hex')) ELSE l ->> 'c${at}' END`;
      return `(${text})::${type}`;
    });
    const quoted = (lines.get('every_type') ?? '')
      .trim()
      .split('\n')
      .map((line) => `($json$${line}$json$)`);
    const differing =
      psql(`SET search_path = ''; SET extra_float_digits = 1; SET TimeZone = 'UTC'; SET lc_monetary = 'C';
CREATE TABLE owned.again AS SELECT * FROM public.every_type WITH NO DATA;
INSERT INTO owned.again SELECT (l ->> 'id')::int, ${columns.join(', ')} FROM (SELECT line::json AS l FROM (VALUES ${quoted.join(', ')}) AS v(line)) AS lines;
SELECT count(*) FROM public.every_type e FULL JOIN owned.again a USING (id) WHERE NOT (e *= a) OR e IS NULL OR a IS NULL;
${types.map((type, at) => `SELECT '${type}' FROM public.every_type e JOIN owned.again a USING (id) WHERE concat(e.c${at}) IS DISTINCT FROM concat(a.c${at}) OR (e.c${at} IS NULL) <> (a.c${at} IS NULL) OR pg_column_size(e.c${at}) IS DISTINCT FROM pg_column_size(a.c${at});`).join('\n')}`);
    expect(differing.trim()).toBe('0');
  });

  test('has its rows in the order of their keys, texts by their bytes, and without a key by all they say', async () => {
    const { psql, url } = await freshDatabase();
    psql(`CREATE TABLE numbers (id int8 PRIMARY KEY); INSERT INTO numbers VALUES (10), (-1), (9), (9223372036854775807);
CREATE TABLE texts (id text PRIMARY KEY); INSERT INTO texts VALUES ('b'), ('A'), ('a'), ('ä'), ('B');
CREATE TABLE uniques (a text UNIQUE, b text NOT NULL UNIQUE); INSERT INTO uniques VALUES (NULL, 'z'), ('x', 'y');
CREATE TABLE none (a int, b text); INSERT INTO none VALUES (2, 'x'), (10, 'x'), (2, NULL), (2, '');
CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;`);
    const { lines } = await all(url);
    expect(lines.get('numbers')?.match(/-?\d+/g)).toEqual(['-1', '9', '10', '9223372036854775807']);
    expect(lines.get('texts')?.match(/(?<=:").(?=")/g)).toEqual(['A', 'B', 'a', 'b', 'ä']);
    expect(lines.get('uniques')).toBe('{"a":"x","b":"y"}\n{"a":null,"b":"z"}\n');
    expect(lines.get('none')).toBe('{"a":10,"b":"x"}\n{"a":2,"b":""}\n{"a":2,"b":null}\n{"a":2,"b":"x"}\n');
    expect(lines.get('nothing')).toBe('{}\n{}\n');
  });

  test('has rows in each table of its own: partitions, heirs, and schemas of others', async () => {
    const { psql, url } = await freshDatabase();
    psql(`CREATE TABLE events (id int, at date, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_old (note text, at date NOT NULL, id int NOT NULL);
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
INSERT INTO events VALUES (1, '2025-05-05', 'a'), (2, '2026-05-05', 'b');
CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE children (own text) INHERITS (parents);
ALTER TABLE parents ADD COLUMN late text;
INSERT INTO parents VALUES (1, 'p'); INSERT INTO children (id, own, late) VALUES (2, 'o', 'c');
CREATE SCHEMA shop; CREATE TABLE shop.users (id int PRIMARY KEY, double int GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO shop.users VALUES (1); CREATE SCHEMA auth; CREATE TABLE auth.users (id int); INSERT INTO auth.users VALUES (1);
CREATE TABLE "Odd.Name" ("a ""b" int); INSERT INTO "Odd.Name" VALUES (1);`);
    const { lines } = await all(url);
    expect(Object.fromEntries(lines)).toEqual({
      '"Odd.Name"': '{"a \\"b":1}\n',
      children: '{"id":2,"late":"c","own":"o"}\n',
      events_new: '{"id":2,"at":"2026-05-05","note":"b"}\n',
      events_old: '{"note":"a","at":"2025-05-05","id":1}\n',
      parents: '{"id":1,"late":"p"}\n',
      'shop.users': '{"id":1}\n',
    });
  });

  test('says where its sequences stand, and those come last', async () => {
    const { psql, url } = await freshDatabase();
    psql(`CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY); INSERT INTO a DEFAULT VALUES; INSERT INTO a DEFAULT VALUES;
CREATE SEQUENCE fresh START 7; CREATE SCHEMA shop; CREATE SEQUENCE shop.down INCREMENT -1 MAXVALUE 9; SELECT nextval('shop.down');`);
    const { lines } = await all(url);
    expect([...lines.keys()].at(-1)).toBe('pg_catalog.pg_sequences');
    expect(lines.get('pg_catalog.pg_sequences')).toBe(
      '{"sequence":"a_id_seq","last_value":2,"is_called":true}\n{"sequence":"fresh","last_value":7,"is_called":false}\n{"sequence":"shop.down","last_value":9,"is_called":true}\n',
    );
  });

  test('is read as a transaction sees it that has not ended', async () => {
    const { psql, url } = await freshDatabase();
    psql('CREATE TABLE t (id int PRIMARY KEY)');
    const session = await connectToServer(url, {});
    await session.query(`BEGIN; ${fixedSettings(1000)}; INSERT INTO public.t VALUES (1)`);
    const reading = await readWithin(session, { label: 'db/shop', scope: {} }, undefined);
    expect((await readAll(reading)).lines.get('t')).toBe('{"id":1}\n');
    expect(await session.query('INSERT INTO public.t VALUES (2) RETURNING id')).toEqual([['2']]);
    await session.close();
    expect((await all(url)).lines.get('t')).toBe('');
  });

  test('is cut into the same slices whichever driver reads it', async () => {
    const { psql, url } = await freshDatabase();
    psql(
      'CREATE TABLE big (id int PRIMARY KEY, t text); INSERT INTO big SELECT i * 3, repeat(md5(i::text), 4) FROM generate_series(-2000, 8000) i',
    );
    const reading = await readingOf(url);
    const big = reading.tables.find(({ name }) => name === 'big');
    const slices: [bytes: number, rows: number][] = [];
    for await (const { bytes, rows, keys } of big?.slices() ?? []) {
      expect((keys?.from ?? 1n) % 2n).toBe(0n);
      slices.push([bytes, rows]);
    }
    await reading.close();
    expect(slices.length).toBeGreaterThan(10);
    expect(slices.every(([bytes]) => bytes <= 128 * 1024)).toBe(true);
    expect(slices.reduce((sum, [, rows]) => sum + rows, 0)).toBe(10_001);
  });
});

withServer('a backup that would not be whole is none:', () => {
  const SECRETS = `CREATE TABLE secrets (id int PRIMARY KEY, owner text); INSERT INTO secrets VALUES (1, 'app'), (2, 'other');
CREATE POLICY own ON secrets USING (owner = current_user); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;`;
  const role = ({ psql, name }: TestDatabase, rights: string) => {
    const made = `r_${name}`;
    psql(`CREATE ROLE ${made} LOGIN; ${rights.replaceAll('ROLE', made)}`, 'postgres');
    return made;
  };

  test('where rows are hidden from the role', async () => {
    const it = await freshDatabase();
    it.psql(SECRETS);
    const seeing = role(it, 'GRANT SELECT ON secrets TO ROLE');
    expect(it.psql('SELECT count(*) FROM secrets', seeing).trim()).toBe('0');
    await expect(all(it.as(seeing))).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('secrets'),
      hint: expect.stringContaining('BYPASSRLS'),
    });
    // Who owns it sees all, until that is forced away.
    expect((await all(it.url)).lines.get('secrets')?.split('\n').length).toBe(3);
    it.psql('ALTER TABLE secrets FORCE ROW LEVEL SECURITY');
    await expect(all(it.url)).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
    expect((await all(it.as('postgres'))).lines.get('secrets')?.split('\n').length).toBe(3);
  });

  test('where the role may not read a table, a column or a sequence, unless it is left out whole', async () => {
    const it = await freshDatabase();
    it.psql('CREATE TABLE open (id int PRIMARY KEY); CREATE TABLE shut (id int PRIMARY KEY, hidden text)');
    const seeing = role(it, 'GRANT SELECT ON open TO ROLE; GRANT SELECT (id) ON shut TO ROLE');
    await expect(all(it.as(seeing))).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
    it.psql(`REVOKE ALL ON shut FROM ${seeing}`);
    await expect(all(it.as(seeing))).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('shut'),
    });
    it.psql('CREATE SEQUENCE s');
    it.psql(`GRANT SELECT ON shut TO ${seeing}`);
    await expect(all(it.as(seeing))).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
  });

  test('where there are large objects', async () => {
    const { psql, url } = await freshDatabase();
    psql('CREATE TABLE t (id int); SELECT lo_create(0)');
    await expect(all(url)).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      message: expect.stringContaining('1 large object'),
    });
  });

  test('where a name means several functions', async () => {
    const { psql, url } = await freshDatabase();
    psql("CREATE TABLE f (id int PRIMARY KEY, f regproc); INSERT INTO f VALUES (1, 'now'), (2, 0)");
    expect((await all(url)).lines.get('f')).toBe('{"id":1,"f":"now"}\n{"id":2,"f":"-"}\n');
    psql("INSERT INTO f VALUES (3, 'lower(text)'::regprocedure)");
    await expect(all(url)).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      message: expect.stringContaining('pg_catalog.lower'),
    });
  });

  test('where bytes are no text', async () => {
    const { psql, url } = await freshDatabase("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
    psql("CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'ü')");
    expect((await all(url)).lines.get('t')).toBe('{"id":1,"a":"ü"}\n');
    psql("SET client_encoding = 'SQL_ASCII'; INSERT INTO t VALUES (2, E'\\377')");
    await expect(all(url)).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
  });

  test('where a database keeps its texts otherwise, they come as UTF-8', async () => {
    const { psql, url } = await freshDatabase("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    psql("CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'ü')");
    expect((await all(url)).lines.get('t')).toBe('{"id":1,"a":"ü"}\n');
  });
});

withServer('what is left out', () => {
  const SHOP = `CREATE TABLE users (id int PRIMARY KEY, name text, password text NOT NULL DEFAULT '');
CREATE TABLE notes (id int PRIMARY KEY, by_user int REFERENCES users, price numeric(10,2));
INSERT INTO users VALUES (1, 'Ada', 'lovelace'), (2, 'Alan', 'bombe'); INSERT INTO notes VALUES (1, 1, 1), (2, 2, 2), (3, NULL, 3)`;

  test('is in no line, and another value is as its column would say it', async () => {
    const { psql, url } = await freshDatabase();
    psql(SHOP);
    const { lines } = await all(url, {
      redacted: { users: ['password'], notes: ['price'] },
      replaced: { notes: ['price'] },
      values: { notes: { price: '7' } },
    });
    expect(lines.get('users')).toBe('{"id":1,"name":"Ada"}\n{"id":2,"name":"Alan"}\n');
    expect(lines.get('notes')).toContain('{"id":1,"by_user":1,"price":7.00}\n');
    const selection = { redacted: { notes: ['price'] }, replaced: { notes: ['price'] } };
    await expect(readingOf(url, { ...selection, values: { notes: { price: 'x' } } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  test('may be rows that meet a condition, and those that point to them are named', async () => {
    const { psql, url } = await freshDatabase();
    psql(SHOP);
    const reading = await readingOf(url, { included: { users: "name LIKE 'Ada%'" } });
    expect(reading.dangling).toEqual(['1 row of notes will point to rows of users that are left out']);
    expect(reading.tables.map(({ name, rows, there }) => [name, rows, there])).toEqual([
      ['notes', 3, 3],
      ['users', 1, 2],
    ]);
    expect((await readAll(reading)).lines.get('users')).toBe('{"id":1,"name":"Ada","password":"lovelace"}\n');
    for (const condition of ['nobody = 1', 'true) OR (true', 'name'])
      await expect(readingOf(url, { included: { users: condition } })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
  });

  test('is refused where the table itself would refuse rows without it', async () => {
    const { psql, url } = await freshDatabase();
    psql(`CREATE TABLE t (id int PRIMARY KEY, pin text CHECK (pin IS NOT NULL OR id > 1), code text NOT NULL DEFAULT 'none', CHECK (length(code) > 2));
INSERT INTO t VALUES (1, '1234', 'abc'), (2, '5678', 'def')`);
    await expect(readingOf(url, { redacted: { t: ['pin'] } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('t.pin would then break CHECK'),
    });
    expect((await all(url, { redacted: { t: ['code'] } })).lines.get('t')).toBe(
      '{"id":1,"pin":"1234"}\n{"id":2,"pin":"5678"}\n',
    );
    const short = { redacted: { t: ['code'] }, replaced: { t: ['code'] }, values: { t: { code: 'x' } } };
    await expect(readingOf(url, short)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('may be a table, with all that is on it', async () => {
    const { psql, url } = await freshDatabase();
    psql(`${SHOP}; CREATE INDEX i ON notes (price)`);
    const reading = await readingOf(url, { excluded: { notes: 'whole', users: 'rows' } });
    expect([...reading.absent]).toEqual([['notes', 3]]);
    expect(reading.schema.filter(({ table }) => table === 'notes')).toEqual([]);
    expect((await readAll(reading)).lines.get('users')).toBe('');
  });

  test('leaves columns that hold nothing to be told', async () => {
    const { psql, url } = await freshDatabase();
    psql(
      'CREATE TABLE t (id int PRIMARY KEY, never text, seldom text, always text NOT NULL); INSERT INTO t SELECT i, NULL, CASE i WHEN 1000 THEN 1 END, i FROM generate_series(1, 2000) i',
    );
    const reading = await readingOf(url);
    const table = reading.tables[0];
    expect(await table?.sparseColumns()).toEqual(['never', 'seldom']);
    expect(await table?.emptyAmong(['never', 'seldom'])).toEqual(['never']);
    const samples = await table?.samples(4);
    expect([...(samples?.get('always') ?? [])].sort()).toEqual(['1', '1999', '2', '2000']);
    await reading.close();
  });
});

test('PGlite says every value as a server does', async () => {
  const { sql } = everyType({ extensions: false });
  const folder = await emptyPglite(scratch());
  const db = await openFolder(folder, folder);
  try {
    await db.exec(sql);
    const lite = await readAll(await read({ label: folder, scope: {}, connect: () => sessionIn(db) }, undefined));
    expect(lite.lines.get('every_type')?.split('\n').length).toBe(10);
    if (postgresPrograms() === undefined) return;
    const { psql, url } = await freshDatabase();
    psql(sql);
    expect(lite.lines.get('every_type')).toBe((await all(url)).lines.get('every_type'));
  } finally {
    await db.close();
  }
});
