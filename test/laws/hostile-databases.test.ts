import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Prepare } from '../../src/engines/sqlite/open.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { restore } from '../../src/operations/restore.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { withDatabase } from '../support/project.ts';
import { backupFiles, keeps, look, projectWith } from '../support/round-trip.ts';

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const blob = (hex: string) => Buffer.from(hex, 'hex');
const values = (count: number) => Array(count).fill('?').join(', ');

/** Changes a definition behind SQLite's back, as its command line and older versions could make it. */
function rewriteDefinition(db: Database.Database, name: string, from: string, to: string): void {
  db.unsafeMode(true);
  db.pragma('writable_schema = on');
  const { changes } = db
    .prepare('UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ?')
    .run(from, to, name);
  expect(changes).toBe(1);
  db.pragma('writable_schema = reset');
  db.unsafeMode(false);
}

describe('a hostile database comes back as it was: keys', () => {
  test('hidden rowids with gaps, at both ends, negative and zero', async () => {
    const { copy } = await keeps((db) => {
      db.exec('CREATE TABLE t(a)');
      const add = db.prepare('INSERT INTO t(rowid, a) VALUES (?, ?)');
      for (const id of [-(2n ** 63n), -5n, 0n, 1n, 7n, 2n ** 40n, 2n ** 63n - 1n]) add.run(id, String(id));
    });
    const ids = look(copy, (db) => db.prepare('SELECT rowid FROM t').pluck().safeIntegers().all());
    expect(ids).toEqual([-(2n ** 63n), -5n, 0n, 1n, 7n, 2n ** 40n, 2n ** 63n - 1n]);
  });

  test('INTEGER PRIMARY KEY in all its spellings, and the DESC quirk', () =>
    keeps((db) => {
      db.exec('CREATE TABLE a(id INTEGER PRIMARY KEY, x); CREATE TABLE b(x, id integer, PRIMARY KEY(id DESC))');
      db.exec('CREATE TABLE c(id INTEGER PRIMARY KEY DESC, x); CREATE TABLE d(id INT PRIMARY KEY, x)');
      db.exec('CREATE TABLE e("the id" "INTEGER" PRIMARY KEY, x); CREATE TABLE f(rowid INTEGER PRIMARY KEY, x)');
      for (const table of ['a', 'c', 'd', 'e', 'f'])
        db.exec(`INSERT INTO ${table} VALUES (9, 'x'), (-4, 'y'), (2, 'z')`);
      db.exec("INSERT INTO b VALUES ('x', 9), ('y', -4); INSERT INTO c(rowid, id, x) VALUES (77, 1, 'own rowid')");
      db.exec("INSERT INTO c(rowid, id, x) VALUES (70, NULL, 'no key')");
    }));

  test('AUTOINCREMENT sequences, of emptied and dropped tables too', async () => {
    const { copy } = await keeps((db) => {
      db.exec(
        'CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x); CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT)',
      );
      db.exec('CREATE TABLE gone(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO gone VALUES (5); DROP TABLE gone');
      db.exec('INSERT INTO a(id) VALUES (1000); DELETE FROM a; INSERT INTO b VALUES (3)');
      db.exec('CREATE TABLE lost(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO lost VALUES (8)');
      db.exec('CREATE TABLE low(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO low VALUES (8)');
      db.exec("DELETE FROM sqlite_sequence WHERE name = 'lost'; UPDATE sqlite_sequence SET seq = 2 WHERE name = 'low'");
    });
    const id = look(copy, (db) => db.prepare("INSERT INTO a(x) VALUES ('next')").run().lastInsertRowid);
    expect(id).toBe(1001);
  });

  test('a sequence table whose last table is gone', async () => {
    const { copy } = await keeps((db) => {
      db.exec('CREATE TABLE gone(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO gone VALUES (5); DROP TABLE gone');
      db.exec(
        "CREATE TABLE t(a); INSERT INTO t VALUES (1); INSERT INTO sqlite_sequence VALUES ('stale', 7), (NULL, 'x')",
      );
    });
    expect(look(copy, (db) => db.prepare('SELECT count(*) FROM sqlite_sequence').pluck().get())).toBe(2);
  });

  test('WITHOUT ROWID with compound, text, descending and collated keys', () =>
    keeps((db) => {
      db.exec('CREATE TABLE a(x TEXT, y INTEGER, v, PRIMARY KEY(y, x)) WITHOUT ROWID');
      db.exec('CREATE TABLE b(x TEXT PRIMARY KEY, v) WITHOUT ROWID');
      db.exec('CREATE TABLE c(x, y, PRIMARY KEY(x DESC, y ASC)) WITHOUT ROWID');
      db.exec('CREATE TABLE d(x TEXT COLLATE NOCASE, v, PRIMARY KEY(x COLLATE BINARY DESC)) WITHOUT ROWID');
      db.exec('CREATE TABLE e(x INTEGER PRIMARY KEY, v) WITHOUT ROWID; CREATE INDEX e_all ON e(v, x)');
      for (let i = 0; i < 300; i++) {
        db.prepare('INSERT INTO a VALUES (?, ?, ?)').run(`k${(i * 7919) % 300}`, i % 17, i);
        db.prepare('INSERT INTO b VALUES (?, ?)').run(`k${(i * 7919) % 300}`, i % 3 ? 'x' : null);
        db.prepare('INSERT INTO c VALUES (?, ?)').run(i % 2 ? i : `t${i}`, blob('00ff'));
        db.prepare('INSERT INTO d VALUES (?, ?)').run(i % 2 ? `k${i >> 1}` : `K${i >> 1}`, i);
        db.prepare('INSERT INTO e VALUES (?, ?)').run(i, 300 - i);
      }
    }));

  test('WITHOUT ROWID is written in the order of its own key, not of its columns', async () => {
    const { project, saved } = await keeps((db) => {
      db.exec('CREATE TABLE t(x TEXT COLLATE NOCASE, PRIMARY KEY(x COLLATE BINARY DESC)) WITHOUT ROWID');
      db.exec("INSERT INTO t VALUES ('a'), ('B'), ('A'), ('b'); CREATE INDEX t_x ON t(x)");
    });
    const { manifest } = await openBackup(project.store, saved.name);
    expect('data' in manifest && manifest.data.get('t')).toEqual({
      rows: ['{"x":"b"}', '{"x":"a"}', '{"x":"B"}', '{"x":"A"}'],
    });
  });

  test('sparse random 63-bit and negative ids', () =>
    keeps((db) => {
      db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)');
      const add = db.prepare('INSERT OR IGNORE INTO t VALUES (?, ?)');
      let seed = 42n;
      for (let i = 0; i < 3000; i++) {
        seed = BigInt.asIntN(64, seed * 6364136223846793005n + 1442695040888963407n);
        add.run(seed, `row ${i} ${'x'.repeat(i % 200)}`);
      }
    }));

  test('many rows of 70 KB among small ones', () =>
    keeps((db) => {
      db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, x NUMERIC, y)');
      const add = db.prepare('INSERT INTO t(x, y) VALUES (?, ?)');
      db.transaction(() => {
        for (let i = 0; i < 2000; i++)
          add.run(i % 20 === 0 ? 'x'.repeat(70_000) : 'small', i % 90 === 0 ? Buffer.alloc(70_000, i) : i);
      })();
    }));

  test('a run of heavy rows after very many small ones', () =>
    keeps((db) => {
      db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, x INTEGER)');
      const add = db.prepare('INSERT INTO t(x) VALUES (?)');
      db.transaction(() => {
        for (let i = 0; i < 8192; i++) add.run(1);
        for (let i = 0; i < 300; i++) add.run('y'.repeat(200_000));
      })();
    }));
});

describe('a hostile database comes back as it was: tables and names', () => {
  test('STRICT tables', () =>
    keeps((db) => {
      db.exec('CREATE TABLE t(i INT, n INTEGER, r REAL, x TEXT, b BLOB, a ANY) STRICT');
      const add = db.prepare(`INSERT INTO t VALUES (${values(6)})`);
      add.run(1n, 2n, 3, 'x', blob('00'), '12');
      add.run(null, null, null, null, null, null);
      add.run(1n, 2n, -0.5, '1', blob(''), 12n);
      db.exec("INSERT INTO t(a) VALUES (-0.0), (9e999), (x'01'), ('-0.0')");
    }));

  test('generated columns, virtual and stored', () =>
    keeps((db) => {
      db.exec(`CREATE TABLE t(g AS (a * 2), a INTEGER, "h i" TEXT GENERATED ALWAYS AS (a || '!') STORED, b, j AS (h2) VIRTUAL,
        h2 AS (upper(b)) STORED); CREATE INDEX t_g ON t(g); CREATE UNIQUE INDEX t_j ON t(j, a)`);
      for (let i = 0; i < 50; i++) db.prepare('INSERT INTO t(a, b) VALUES (?, ?)').run(i, `b${i}`);
      db.exec('CREATE TABLE w(a PRIMARY KEY, g AS (a + 1) STORED) WITHOUT ROWID; INSERT INTO w VALUES (1), (2)');
    }));

  const NAMES = [
    ...[
      'rowid',
      'oid',
      '_rowid_',
      'RowID',
      'OID',
      '',
      ' ',
      '__proto__',
      'constructor',
      'toString',
      'select',
      'table',
      'index',
    ],
    ...[
      '$x',
      '$blob',
      '$real',
      '$text',
      'a"b',
      "a'b",
      '`',
      '[x]',
      'a\\b',
      '\\',
      '\\"',
      '\\u0041',
      'a\nb',
      '\r',
      '\t',
      '\u0001',
      '\u007f',
    ],
    ...[
      '\u2028',
      '\ufeff',
      '\uffff',
      '😀',
      'é',
      'e\u0301',
      'İ',
      '.',
      'a.b',
      '$.a',
      '[0]',
      '#',
      '%',
      '/',
      '../x',
      'null',
      'true',
      '0',
      'x:y',
      '{',
      '}',
    ],
    ...[
      'json_each',
      'jsonb_each',
      'pragma_table_xinfo',
      'pragma_table_list',
      'pragma_index_list',
      'pragma_foreign_key_check',
      'value',
      'key',
    ],
    ...['parts', 'rows', 'overwinter', 'overwinter_first', 'overwinter_base64', 'x'.repeat(300), 'con', 'nul'],
  ];

  test('columns with hostile names, each in a table', () =>
    keeps((db) => {
      NAMES.forEach((name, at) => {
        db.exec(`CREATE TABLE t${at}(${quoted(name)}, other TEXT)`);
        const add = db.prepare(`INSERT INTO t${at} VALUES (?, ?)`);
        for (const value of [1n, 'text', blob('00'), null, Number.POSITIVE_INFINITY, 0.1]) add.run(value, name);
      });
    }));

  test('columns with hostile names as the primary key', () =>
    keeps((db) => {
      NAMES.forEach((name, at) => {
        db.exec(
          `CREATE TABLE i${at}(other, ${quoted(name)} INTEGER PRIMARY KEY); INSERT INTO i${at} VALUES ('a', 7), ('b', -7)`,
        );
        db.exec(
          `CREATE TABLE w${at}(other, ${quoted(name)} PRIMARY KEY) WITHOUT ROWID; INSERT INTO w${at} VALUES ('a', 7), ('b', 'x')`,
        );
      });
    }));

  test('columns with hostile names, all in one table', () =>
    keeps((db) => {
      const folded = new Set<string>();
      const names = NAMES.filter((name) => folded.size < folded.add(name.toLowerCase()).size);
      db.exec(`CREATE TABLE t(${names.map(quoted).join(', ')})`);
      db.prepare(`INSERT INTO t VALUES (${values(names.length)})`).run(names);
      db.prepare(`INSERT INTO t VALUES (${values(names.length)})`).run(names.map((name) => Buffer.from(name)));
    }));

  test('tables with hostile names', () =>
    keeps((db) => {
      const folded = new Set<string>();
      for (const name of NAMES.filter((each) => folded.size < folded.add(each.toLowerCase()).size)) {
        db.exec(`CREATE TABLE ${quoted(name)}(id INTEGER PRIMARY KEY, x)`);
        db.prepare(`INSERT INTO ${quoted(name)}(x) VALUES (?), ('${'y'.repeat(5000)}')`).run(name);
        db.exec(`CREATE INDEX ${quoted(`i ${name}`)} ON ${quoted(name)}(x)`);
      }
    }));

  const wide = (columns: number, first = 'c0') => {
    const names = Array.from({ length: columns }, (_, at) => (at === 0 ? first : `c${at}`));
    return `CREATE TABLE wide(${names.join(', ')}); INSERT INTO wide(c1, c${columns - 1}) VALUES (1, 'last')`;
  };

  test('as many columns as SQLite gives back at once, with the number of the row', () =>
    keeps((db) => db.exec(wide(1999))));

  test('as many columns as there can be, where one is the number of the row', () =>
    keeps((db) => db.exec(wide(2000, 'c0 INTEGER PRIMARY KEY'))));

  test('one column more than a backup could give back is refused when it is made', async () => {
    const project = projectWith((db) => db.exec(wide(2000)));
    await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      message: expect.stringContaining('2000 columns'),
      hint: expect.stringContaining("exclude: { wide: 'whole' }"),
    });
    const without = { ...project, privacy: { exclude: { wide: 'whole' } } } as const;
    expect(await backup(without, { trigger: 'test' })).toMatchObject({ status: 'created' });
  });

  test('rows without a value where a definition that was edited has one are refused when the backup is made', async () => {
    const project = projectWith((db) => {
      db.exec('CREATE TABLE fine(a TEXT NOT NULL); CREATE TABLE late(id INTEGER PRIMARY KEY, b TEXT, c TEXT NOT NULL)');
      db.exec("INSERT INTO fine VALUES ('x'); INSERT INTO late(b, c) VALUES ('x', 'y'), (NULL, 'y')");
    });
    expect(await backup(project, { trigger: 'test' })).toMatchObject({ status: 'created' });
    const db = new Database(project.db);
    rewriteDefinition(db, 'late', 'b TEXT', 'b TEXT NOT NULL');
    db.exec("INSERT INTO fine VALUES ('y')");
    const refused = {
      code: 'DATABASE_FAILED',
      message: expect.stringContaining('rows in late without a value in b, which is NOT NULL'),
      hint: expect.stringContaining("WHERE typeof(b) = 'null'"),
    };
    await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject(refused);
    // As the very first backup, too.
    const alone = { ...project, store: folderStore(join(dirname(project.db), 'alone')) };
    await expect(backup(alone, { trigger: 'test' })).rejects.toMatchObject(refused);
    db.exec("UPDATE late SET b = '' WHERE typeof(b) = 'null'");
    db.close();
    const { name } = await backup(project, { trigger: 'test' });
    await expect(restore(project, { name, to: join(dirname(project.db), 'to.db') })).resolves.toMatchObject({ name });
  });

  test('columns that hide every name of the rowid keep the order of their rows', () =>
    keeps((db) => {
      // A table that looks wider than its index tempts SQLite to read the index instead.
      const wide = Array.from({ length: 9 }, (_, i) => `g${i} CHAR(9999) AS (rowid)`).join(', ');
      db.exec(`CREATE TABLE t(rowid, oid, _rowid_, ${wide}); CREATE INDEX t_all ON t(oid, rowid, _rowid_)`);
      for (let i = 0; i < 400; i++)
        db.prepare('INSERT INTO t VALUES (?, ?, ?)').run(i, (i * 7919) % 401, 'x'.repeat(i % 50));
      db.exec('CREATE TABLE u(rowid, oid INTEGER PRIMARY KEY, _rowid_); INSERT INTO u VALUES (1, 5, 2), (1, -5, 2)');
    }));

  test.each([400, 999, 1500])('a table of %i columns', async (count) => {
    await keeps((db) => {
      const names = Array.from({ length: count }, (_, i) => `c${i}`);
      db.exec(
        `CREATE TABLE t(${names.join(', ')}); CREATE TABLE w(${names.join(', ')}, PRIMARY KEY(c0)) WITHOUT ROWID`,
      );
      for (const table of ['t', 'w']) {
        const add = db.prepare(`INSERT INTO ${table} VALUES (${values(count)})`);
        for (let row = 0; row < 5; row++)
          add.run(names.map((name, i) => (i % 7 === 0 ? row : i % 11 === 0 ? blob('00') : name)));
      }
      db.exec(`CREATE TABLE n(${names.map((name) => `${name} INTEGER`).join(', ')})`);
      db.prepare(`INSERT INTO n VALUES (${values(count)})`).run(names.map((_, i) => i));
    });
  });

  test('empty tables, an empty database, and one without tables', async () => {
    await keeps((db) => db.exec('CREATE TABLE t(a); CREATE TABLE u(a PRIMARY KEY) WITHOUT ROWID'));
    await keeps(() => {});
    await keeps((db) => db.pragma('user_version = 3'));
    await keeps((db) => {
      db.pragma("encoding = 'UTF-16be'");
      db.exec('CREATE VIEW v AS SELECT 1');
    });
  });

  test('a column added later, with a default', () =>
    keeps((db) => {
      db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)');
      db.exec(
        "ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'd\"é'; ALTER TABLE t ADD COLUMN c REAL DEFAULT 1; ALTER TABLE t ADD d DEFAULT x'00'",
      );
      db.exec('ALTER TABLE t ADD COLUMN e INTEGER NOT NULL DEFAULT -5; INSERT INTO t(a) VALUES (3)');
      db.exec(
        'ALTER TABLE t RENAME TO "new name"; ALTER TABLE "new name" RENAME COLUMN a TO "old a"; ALTER TABLE "new name" DROP COLUMN c',
      );
    }));
});

describe('a hostile database comes back as it was: values', () => {
  const AFFINITIES = [
    '',
    'INTEGER',
    'REAL',
    'TEXT',
    'BLOB',
    'NUMERIC',
    'ANY',
    'BOOLEAN',
    'DATE',
    'VARCHAR(20)',
    'DOUBLE',
    'POINT',
    'CHARBLOB',
    'BLOBREAL',
    'JSON',
  ];
  /** All the values, in a column of every affinity, beside an ordinary one. */
  const inEveryColumn = (db: Database.Database, expressions: readonly string[]) => {
    AFFINITIES.forEach((type, at) => {
      db.exec(`CREATE TABLE t${at}(id INTEGER PRIMARY KEY, v ${type}, other TEXT)`);
      for (const expression of expressions) db.exec(`INSERT INTO t${at}(v, other) VALUES (${expression}, 'ordinary')`);
      db.exec(`CREATE TABLE w${at}(n, v ${type}, PRIMARY KEY(n)) WITHOUT ROWID`);
      expressions.forEach((expression, n) => {
        db.exec(`INSERT INTO w${at} VALUES (${n}, ${expression})`);
      });
    });
  };

  test('NULL, and values whose class differs from their column', () =>
    keeps((db) =>
      inEveryColumn(db, [
        'NULL',
        '1',
        '1.0',
        '1.5',
        "'x'",
        "'1'",
        "'1.0'",
        "' 1 '",
        "'1e3'",
        "x''",
        "x'31'",
        "'0x10'",
        "'1e400'",
      ]),
    ));

  test('integers at both ends of 64 bits', () =>
    keeps((db) =>
      inEveryColumn(db, [
        '9223372036854775807',
        '-9223372036854775808',
        '9007199254740993',
        '-1',
        '0',
        '140737488355327',
        "'9223372036854775808'",
      ]),
    ));

  test('reals: whole, infinite, subnormal, negative zero, 17 digits', async () => {
    const reals = [
      '1.0',
      '-1.0',
      '1e15',
      '1e16',
      '1e22',
      '9007199254740992.0',
      '9.2233720368547758e18',
      '9e999',
      '-9e999',
      '5e-324',
      '-5e-324',
    ];
    const more = [
      '2.2250738585072011e-308',
      '2.2250738585072014e-308',
      '1.7976931348623157e308',
      '-0.0',
      '0.0',
      '0.1',
      '0.30000000000000004',
      '1e-7',
      '123456789.12345679',
    ];
    const { copy } = await keeps((db) => inEveryColumn(db, [...reals, ...more]));
    const found = look(copy, (db) => db.prepare('SELECT v FROM t0').pluck().all());
    expect(found).toContain(5e-324);
    expect(found.some((value) => Object.is(value, -0))).toBe(true);
  });

  test('only a negative zero, where nothing else needs care', async () => {
    const { copy } = await keeps((db) =>
      db.exec('CREATE TABLE t(a, b); INSERT INTO t VALUES (-0.0, 1), (1, -0.0), (0.0, 0)'),
    );
    expect(look(copy, (db) => db.prepare('SELECT a FROM t WHERE rowid = 1').pluck().get())).toBe(-0);
  });

  test('text with NUL, invalid UTF-8, surrogate bytes, line separators and byte order marks', () =>
    keeps((db) =>
      inEveryColumn(db, [
        ...[
          "''",
          'char(0)',
          "'a' || char(0) || 'b'",
          'char(0x2028) || char(0x2029)',
          "char(0xfeff) || 'x'",
          'char(0xfffe)',
          'char(0xffff)',
          'char(0x10ffff)',
        ],
        ...[
          "CAST(x'ff' AS TEXT)",
          "CAST(x'c0af' AS TEXT)",
          "CAST(x'eda080' AS TEXT)",
          "CAST(x'eda080edb080' AS TEXT)",
          "CAST(x'f4908080' AS TEXT)",
          "CAST(x'e282' AS TEXT)",
        ],
        ...[
          "CAST(x'6100ff00' AS TEXT)",
          'char(1) || char(31) || char(127) || char(10) || char(13) || char(9)',
          "'\\u0000'",
          "'\\'",
          "'\"'",
          'char(0xfffd)',
        ],
      ]),
    ));

  test('empty and 70 KB BLOBs', () =>
    keeps((db) => inEveryColumn(db, ["x''", 'zeroblob(70000)', 'randomblob(70000)', "x'00'", "CAST('text' AS BLOB)"])));

  test("BLOBs that happen to be SQLite's own binary JSON, among ordinary rows", () =>
    keeps((db) => {
      const hex = ['00', '01', '02', '0c', '0b', '1331', '1531', '2331', '17', '1761', '8c', 'cc0101', '5c1761133100'];
      const made = look(':memory:', (other) =>
        ['{"$blob":"AA=="}', '{"a":1}', '[1,"x"]', '"text"', '1.5', 'null'].map((json) =>
          other.prepare('SELECT hex(jsonb(?))').pluck().get(json),
        ),
      );
      for (const each of new Set([...hex, ...made].map((text) => String(text).toLowerCase()))) {
        const name = quoted(`t ${each}`);
        db.exec(`CREATE TABLE ${name}(a, b NUMERIC, c TEXT)`);
        db.exec(
          `INSERT INTO ${name} VALUES (1, 2, 'x'), (x'${each}', 1, 'y'), (2, x'${each}', 'z'), (3, 4, x'${each}')`,
        );
      }
    }));

  test('text that looks like tags, like our own numbers, like JSON', () =>
    keeps((db) =>
      inEveryColumn(db, [
        ...[
          `'{"$blob":"AA=="}'`,
          `'{"$real":"Infinity"}'`,
          `'{"$text":"/w=="}'`,
          "'{\"$'",
          "'9.0e+999'",
          "'-9.0e+999'",
          "':0.0,'",
          "':0.0}'",
          "'null'",
        ],
        ...["'[1]'", "'1.0'", "'true'", "'Infinity'", "'-0.0'", "'JSON cannot hold BLOB values'", "'{}'", "',\n'"],
      ]),
    ));

  test.each(['UTF-16le', 'UTF-16be'])('%s: ordinary, hostile and lone-surrogate text', async (encoding) => {
    await keeps((db) => {
      db.pragma(`encoding = '${encoding}'`);
      const lone =
        encoding === 'UTF-16le'
          ? ['00d8', '00dc', '410000d84200', '00dc00d8']
          : ['d800', 'dc00', '0041d8000042', 'dc00d800'];
      const odd =
        encoding === 'UTF-16le'
          ? ['feff', 'ffff', 'fffe', '3dd800de', '3fd8feff']
          : ['fffe', 'ffff', 'feff', 'd83dde00', 'd83ffffe'];
      inEveryColumn(db, [
        ...[...lone, ...odd].map((hex) => `CAST(x'${hex}' AS TEXT)`),
        ...[
          "'ordinary'",
          "'é😀'",
          "''",
          'char(0)',
          "'a' || char(0) || 'b'",
          "char(0xfeff) || 'x'",
          "x'ff'",
          "x''",
          '9e999',
          '-0.0',
          '0.1',
          '9223372036854775807',
        ],
        ...[`'{"$text":"/w=="}'`, "x'00'", "'12'"],
      ]);
      db.exec(
        `CREATE TABLE "é😀"("ключ" TEXT PRIMARY KEY, "値") WITHOUT ROWID; INSERT INTO "é😀" VALUES ('b', 'x'), ('ä', 'y')`,
      );
      db.exec('CREATE TABLE big(id INTEGER PRIMARY KEY, x TEXT)');
      const add = db.prepare('INSERT INTO big(x) VALUES (?)');
      for (let i = 0; i < 3000; i++) add.run(`zeile ${i} ${'ü€😀'.repeat(i % 20)}`);
      db.exec('CREATE INDEX big_x ON big(x)');
    });
  });
});

describe('a hostile database comes back as it was: schema objects', () => {
  test('partial, expression, collated and descending indexes', () =>
    keeps((db) => {
      db.exec('CREATE TABLE t(a, b TEXT, c)');
      db.exec(
        'CREATE INDEX i1 ON t(a) WHERE b IS NOT NULL; CREATE UNIQUE INDEX i2 ON t(lower(b), c DESC) WHERE a > 5; CREATE INDEX i3 ON t(b COLLATE NOCASE)',
      );
      db.exec("CREATE   UNIQUE   INDEX IF NOT EXISTS main.i4 ON t(a, json_extract(c, '$.x')) -- why\n");
      for (let i = 0; i < 100; i++) db.prepare('INSERT INTO t VALUES (?, ?, ?)').run(i, `B${i}`, `{"x":${i}}`);
    }));

  test('views that depend on later views, and a broken one', () =>
    keeps((db) => {
      db.exec('CREATE VIEW first AS SELECT * FROM second; CREATE VIEW second(x) AS SELECT a FROM t; CREATE TABLE t(a)');
      db.exec('CREATE VIEW broken AS SELECT lost FROM nowhere; INSERT INTO t VALUES (1)');
    }));

  test('triggers, which do not fire while rows come back', async () => {
    const { copy } = await keeps((db) => {
      db.exec('CREATE TABLE t(a); CREATE TABLE log(x); CREATE VIEW v AS SELECT a FROM t');
      db.exec('INSERT INTO t VALUES (1), (2)');
      db.exec('CREATE TRIGGER t_i AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END');
      db.exec("CREATE TRIGGER log_no BEFORE INSERT ON log WHEN new.x = 'never' BEGIN SELECT RAISE(ABORT, 'no'); END");
      db.exec('CREATE TEMP TRIGGER other AFTER INSERT ON t BEGIN SELECT 1; END');
      db.exec('CREATE TRIGGER v_i INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (new.a); END');
    });
    const logged = look(copy, (db) => {
      expect(db.prepare('SELECT count(*) FROM log').pluck().get()).toBe(0);
      db.exec('INSERT INTO v VALUES (9)');
      return db.prepare('SELECT x FROM log').pluck().all();
    });
    expect(logged).toEqual([9]);
  });

  test('foreign keys in cycles, violated, and to what does not exist', async () => {
    const { restored } = await keeps((db) => {
      db.exec(
        'CREATE TABLE a(id INTEGER PRIMARY KEY, b REFERENCES b(id)); CREATE TABLE b(id INTEGER PRIMARY KEY, a REFERENCES a(id))',
      );
      db.exec('INSERT INTO a VALUES (1, 1), (2, 99); INSERT INTO b VALUES (1, 1), (2, 2)');
      db.exec(
        'CREATE TABLE self(id INTEGER PRIMARY KEY, up REFERENCES self ON DELETE CASCADE); INSERT INTO self VALUES (1, 2), (2, 1)',
      );
    });
    expect(restored.warnings).toEqual(['1 row of a points to rows of b that do not exist']);
  });

  test('foreign keys that SQLite cannot even check', async () => {
    const { restored } = await keeps((db) => {
      db.exec(
        'CREATE TABLE parent(id, name); CREATE TABLE child(x REFERENCES parent(name)); CREATE TABLE orphan(x REFERENCES nowhere(id))',
      );
      db.exec(
        "INSERT INTO parent VALUES (1, 'a'); INSERT INTO child VALUES ('a'), ('b'); INSERT INTO orphan VALUES (1)",
      );
      db.exec('CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a REFERENCES a); INSERT INTO b VALUES (5)');
    });
    expect(restored.warnings).toContain('1 row of b points to rows of a that do not exist');
    expect(restored.warnings.join('\n')).toMatch(/foreign key mismatch/);
  });

  test('rows that break a CHECK, made while checks were off', async () => {
    const { restored } = await keeps((db) => {
      db.exec('CREATE TABLE t(a CHECK (a > 0), b TEXT CHECK (length(b) < 3))');
      db.pragma('ignore_check_constraints = on');
      db.exec("INSERT INTO t VALUES (-1, 'x'), (1, 'long')");
    });
    expect(restored.warnings.length).toBeGreaterThan(0);
  });

  test('full-text search of the fourth kind', async () => {
    const { copy } = await keeps((db) => {
      db.exec(
        'CREATE VIRTUAL TABLE f USING fts4(title, body, tokenize=porter); CREATE TABLE src(id INTEGER PRIMARY KEY, body)',
      );
      db.exec(
        "CREATE VIRTUAL TABLE e USING fts4(content='src', body); CREATE VIRTUAL TABLE n USING fts4(content='', body)",
      );
      db.exec('CREATE VIRTUAL TABLE k USING fts3(body)');
      for (let i = 0; i < 200; i++)
        db.prepare('INSERT INTO f VALUES (?, ?)').run(`title ${i}`, `running number${i} 'ünï'`);
      db.exec(
        "DELETE FROM f WHERE rowid % 7 = 0; INSERT INTO src VALUES (1, 'alpha beta'), (2, 'gamma'); INSERT INTO e(e) VALUES ('rebuild')",
      );
      db.exec("INSERT INTO n(docid, body) VALUES (5, 'delta epsilon'); INSERT INTO k VALUES ('old words')");
    });
    look(copy, (db) => {
      expect(db.prepare("SELECT count(*) FROM f WHERE f MATCH 'run'").pluck().get()).toBe(172);
      expect(db.prepare("SELECT rowid FROM e WHERE e MATCH 'beta'").pluck().all()).toEqual([1]);
      expect(db.prepare("SELECT rowid FROM n WHERE n MATCH 'epsilon'").pluck().all()).toEqual([5]);
      expect(db.prepare("SELECT body FROM k WHERE k MATCH 'words'").pluck().all()).toEqual(['old words']);
      db.exec("INSERT INTO f VALUES ('new', 'walks'); INSERT INTO f(f) VALUES ('optimize')");
    });
  });

  test('full-text search of the fifth kind: normal, external content, contentless', async () => {
    const { copy } = await keeps((db) => {
      db.exec("CREATE VIRTUAL TABLE f USING fts5(title, body, tokenize='porter unicode61', prefix='2 3')");
      db.exec(
        "CREATE TABLE src(id INTEGER PRIMARY KEY, body); CREATE VIRTUAL TABLE e USING fts5(body, content='src', content_rowid='id')",
      );
      db.exec(
        'CREATE TRIGGER src_i AFTER INSERT ON src BEGIN INSERT INTO e(rowid, body) VALUES (new.id, new.body); END',
      );
      db.exec(
        "CREATE VIRTUAL TABLE n USING fts5(body, content=''); CREATE VIRTUAL TABLE d USING fts5(body, content='', contentless_delete=1)",
      );
      db.exec(
        'CREATE VIRTUAL TABLE vocabulary USING fts5vocab(\'f\', \'row\'); CREATE VIRTUAL TABLE "hostile "" name" USING fts5(x)',
      );
      for (let i = 0; i < 200; i++) db.prepare('INSERT INTO f VALUES (?, ?)').run(`title ${i}`, `running number${i}`);
      db.exec("DELETE FROM f WHERE rowid % 7 = 0; INSERT INTO src VALUES (1, 'alpha beta'), (2, 'gamma')");
      db.exec(
        "INSERT INTO n(rowid, body) VALUES (5, 'delta epsilon'); INSERT INTO d(rowid, body) VALUES (6, 'zeta'), (7, 'eta'); DELETE FROM d WHERE rowid = 7",
      );
      db.exec('INSERT INTO "hostile "" name" VALUES (\'quoted\')');
    });
    look(copy, (db) => {
      expect(db.prepare("SELECT count(*) FROM f WHERE f MATCH 'run'").pluck().get()).toBe(172);
      expect(db.prepare("SELECT rowid FROM e WHERE e MATCH 'beta'").pluck().all()).toEqual([1]);
      expect(db.prepare("SELECT rowid FROM n WHERE n MATCH 'epsilon'").pluck().all()).toEqual([5]);
      expect(db.prepare("SELECT rowid FROM d WHERE d MATCH 'zeta OR eta'").pluck().all()).toEqual([6]);
      expect(db.prepare("SELECT count(*) FROM vocabulary WHERE term = 'run'").pluck().get()).toBe(1);
      db.exec(
        "INSERT INTO src VALUES (3, 'fresh'); INSERT INTO f(f) VALUES ('integrity-check'); INSERT INTO e(e) VALUES ('rebuild')",
      );
      expect(db.prepare("SELECT rowid FROM e WHERE e MATCH 'fresh'").pluck().all()).toEqual([3]);
    });
  });

  test('a full-text index that fell behind the table it indexes', async () => {
    const { restored } = await keeps((db) => {
      db.exec("CREATE TABLE src(id INTEGER PRIMARY KEY, body); CREATE VIRTUAL TABLE e USING fts4(content='src', body)");
      db.exec("CREATE VIRTUAL TABLE g USING fts5(body, content='src', content_rowid='id')");
      db.exec(
        "INSERT INTO src VALUES (1, 'alpha'); INSERT INTO e(e) VALUES ('rebuild'); INSERT INTO g(g) VALUES ('rebuild'); UPDATE src SET body = 'beta'",
      );
    });
    expect(restored.rows).toBe(1);
  });

  test('R-Trees with their shadow tables', async () => {
    const { copy } = await keeps((db) => {
      db.exec(
        'CREATE VIRTUAL TABLE r USING rtree(id, x0, x1, y0, y1, +label TEXT); CREATE VIRTUAL TABLE ri USING rtree_i32(id, a, b)',
      );
      for (let i = 0; i < 500; i++)
        db.prepare('INSERT INTO r VALUES (?, ?, ?, ?, ?, ?)').run(i, i, i + 1, -i, 1 - i, `l${i}`);
      db.exec(
        "INSERT INTO ri VALUES (1, 2, 3); CREATE VIRTUAL TABLE g USING geopoly(name); INSERT INTO g(_shape, name) VALUES ('[[0,0],[1,0],[1,1],[0,0]]', 't')",
      );
    });
    look(copy, (db) => {
      expect(db.prepare('SELECT label FROM r WHERE x0 >= 10 AND x1 <= 12').pluck().all()).toEqual(['l10', 'l11']);
      expect(db.prepare("SELECT rtreecheck('r')").pluck().get()).toBe('ok');
    });
  });

  test('what ANALYZE found', () =>
    keeps((db) => {
      db.exec(
        'CREATE TABLE t(a, b); CREATE INDEX t_a ON t(a); CREATE INDEX t_b ON t(b, a) WHERE b > 3; CREATE TABLE "o t"(x PRIMARY KEY) WITHOUT ROWID',
      );
      for (let i = 0; i < 500; i++) db.prepare('INSERT INTO t VALUES (?, ?)').run(i % 20, `v${i % 7}`);
      db.exec("INSERT INTO \"o t\" VALUES ('a'), (x'00')");
      db.exec('ANALYZE');
      expect(db.prepare('SELECT count(*) FROM sqlite_stat4').pluck().get()).toBeGreaterThan(0);
    }));

  test('statistics of a table alone, or of tables that are gone', () =>
    keeps((db) => {
      db.exec(
        'CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES (1); ANALYZE t; DROP TABLE sqlite_stat4; DROP INDEX i',
      );
      db.exec("INSERT INTO sqlite_stat1 VALUES ('nowhere', 'nothing', '1 2 3'), ('t', NULL, '77')");
    }));
});

describe('a hostile database comes back as it was: settings', () => {
  test.each([512, 1024, 4096, 8192, 65536])('a page size of %i', async (size) => {
    await keeps((db) => {
      db.pragma(`page_size = ${size}`);
      db.exec("CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(200000)), ('x')");
    });
  });

  test.each([0, 1, 2])('auto_vacuum %i', async (mode) => {
    await keeps((db) => {
      db.pragma(`auto_vacuum = ${mode}`);
      db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(100000)); DELETE FROM t; INSERT INTO t VALUES (1)');
    });
  });

  test('user_version and application_id, also negative and largest', async () => {
    for (const number of [-2147483648, -1, 0, 2147483647]) {
      await keeps((db) => {
        db.pragma(`user_version = ${number}`);
        db.pragma(`application_id = ${number}`);
        db.exec('CREATE TABLE t(a)');
      });
    }
  });

  test('WAL', () =>
    keeps((db) => {
      db.pragma('journal_mode = wal');
      db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)');
    }));
});

describe('a hostile database comes back as it was: the schema says more than the SQL', () => {
  test('double-quoted string literals, as the sqlite3 command line allows them', async () => {
    const { copy } = await keeps((db) => {
      db.exec(`CREATE TABLE t("it's" TEXT CHECK ("it's" <> 'no "way"' AND "it's" IN ('yes', 'may be')), g AS ("it's" || 'suffix') STORED,
        d DEFAULT 'plain', UNIQUE ("it's"))`);
      db.exec("CREATE INDEX t_i ON t(d || 'ex') WHERE d <> 'plain'");
      rewriteDefinition(db, 't', `'no "way"'`, '"no ""way"""');
      rewriteDefinition(db, 't', "'yes', 'may be'", '"yes", "may be"');
      rewriteDefinition(db, 't', "'suffix'", '"suffix"');
      rewriteDefinition(db, 't', "'plain'", '"plain"');
      rewriteDefinition(db, 't_i', "'ex'", '"ex"');
      rewriteDefinition(db, 't_i', "'plain'", '"plain"');
      db.exec("INSERT INTO t(\"it's\") VALUES ('yes'), ('may be')");
    });
    look(copy, (db) => {
      expect(() => db.exec("INSERT INTO t(\"it's\") VALUES ('other')")).toThrow(/CHECK/);
      expect(() => db.exec("INSERT INTO t(\"it's\") VALUES ('yes')")).toThrow(/UNIQUE/);
      expect(db.prepare('SELECT g FROM t').pluck().all()).toEqual(['yessuffix', 'may besuffix']);
    });
  });

  test("functions and collations of the app's own", async () => {
    const prepare: Prepare = (db) => {
      db.function('twice', { deterministic: true }, (x) => `${x}${x}`);
      db.function('fine', { deterministic: true }, (x) => (x === null || String(x).length < 9 ? 1 : 0));
      db.function('backwards', { deterministic: true }, (x) => [...String(x)].reverse().join(''));
      // SQL that better-sqlite3 runs for an app often begins with these.
      db.defaultSafeIntegers(true);
      db.pragma('foreign_keys = on');
      db.pragma('case_sensitive_like = on');
    };
    await keeps((db) => {
      db.exec(
        'CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT CHECK (fine(a)), g AS (twice(a)), s AS (twice(a)) STORED, p REFERENCES t(id))',
      );
      db.exec('CREATE INDEX t_b ON t(backwards(a)); CREATE UNIQUE INDEX t_g ON t(g)');
      db.exec("CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w VALUES ('x', 1), ('y', 2)");
      for (let i = 0; i < 50; i++) db.prepare('INSERT INTO t(a) VALUES (?)').run(`v${i}`);
    }, prepare);
  });

  test('without the functions that its definitions call, a restore refuses and says what to do', async () => {
    const project = projectWith(
      (db) => db.exec("CREATE TABLE t(a, s AS (twice(a)) STORED); INSERT INTO t VALUES ('x')"),
      (db) => db.function('twice', { deterministic: true }, (x) => `${x}${x}`),
    );
    const bare = withDatabase(project, project.db, { busyTimeout: 100 });
    await expect(async () => {
      await backup(bare, { trigger: 'test' });
      await restore(bare, { name: 'latest', to: `${project.db}.restored` });
    }).rejects.toMatchObject({ name: 'OverwinterError', code: 'DATABASE_FAILED', hint: /prepare\(db\)/ });
  });

  test('a definition that is not valid text is refused, not changed', async () => {
    const project = projectWith((db) => {
      db.exec("CREATE TABLE t(a DEFAULT 'X'); INSERT INTO t VALUES (1)");
      db.unsafeMode(true);
      db.pragma('writable_schema = on');
      db.exec("UPDATE sqlite_schema SET sql = CAST(replace(CAST(sql AS BLOB), x'58', x'e4') AS TEXT) WHERE name = 't'");
    });
    await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject({
      name: 'OverwinterError',
      code: 'DATABASE_FAILED',
    });
  });

  test('UTF-16 text that ends in half a character is refused, because SQLite would not take it back', async () => {
    const project = projectWith((db) => {
      db.pragma("encoding = 'UTF-16le'");
      db.exec("CREATE TABLE t(a); INSERT INTO t VALUES (x'410042')");
    });
    // In the file a BLOB of three bytes becomes a text of three bytes: no SQL can make one.
    const file = readFileSync(project.db);
    const at = file.indexOf(blob('0212410042'));
    expect(at).toBeGreaterThan(0);
    file[at + 1] = 0x13;
    writeFileSync(project.db, file);
    expect(
      look(project.db, (db) => db.prepare('SELECT typeof(a), length(CAST(a AS BLOB)) AS n FROM t').get()),
    ).toMatchObject({ n: 3 });
    await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject({ message: /half a character/ });
  });

  test('statistics that only an older SQLite could make are refused with the way out', async () => {
    const project = projectWith((db) => {
      db.exec('CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES (1); ANALYZE');
      db.unsafeMode(true);
      db.pragma('writable_schema = on');
      db.exec(
        "UPDATE sqlite_schema SET name = 'sqlite_stat3', tbl_name = 'sqlite_stat3', sql = replace(sql, 'stat4', 'stat3') WHERE name = 'sqlite_stat4'",
      );
    });
    await expect(backup(project, { trigger: 'test' })).rejects.toMatchObject({ hint: /DROP TABLE sqlite_stat3/ });
    // What cannot be saved can still be looked at, and replaced.
    expect(await project.database.state([])).toMatchObject({ kind: 'rows' });
  });

  test('a CHECK that cannot even answer for a row that is there', async () => {
    const { restored } = await keeps((db) => {
      db.exec('CREATE TABLE t(a CHECK (json(a) IS NOT NULL))');
      db.pragma('ignore_check_constraints = on');
      db.exec("INSERT INTO t VALUES ('not json')");
    });
    expect(restored.warnings.join()).toMatch(/no answer/);
  });
});

describe('a very large value', () => {
  test('a BLOB of 100 MB is kept in files of at most 50 MB', async () => {
    const bytes = Buffer.alloc(100 * 1024 * 1024);
    for (let i = 0; i < bytes.length; i += 4096) bytes.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i);
    const project = projectWith((db) => {
      db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, b)');
      db.prepare('INSERT INTO t(b) VALUES (?)').run('small');
      db.prepare('INSERT INTO t(b) VALUES (?)').run(bytes);
    });
    await backup(project, { trigger: 'test' });
    const sizes = [...backupFiles(project).values()];
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50 * 1024 * 1024);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(100 * 1024 * 1024);
    const copy = `${project.db}.restored`;
    await restore(project, { name: 'latest', to: copy });
    look(copy, (db) => {
      const found = db.prepare<[], Buffer>('SELECT b FROM t WHERE id = 2').pluck().get();
      expect(found?.equals(bytes)).toBe(true);
      expect(db.prepare('SELECT b FROM t WHERE id = 1').pluck().get()).toBe('small');
    });
  });
});
