import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { generator, words } from './database.ts';

/** A kind of database that people have and that is unlike the shop: what is fast on one need not be on another. */
export interface Shape {
  readonly name: string;
  /** Gives one row in the middle another text. */
  readonly change: string;
  make(file: string): void;
}

type Fill = (db: Database.Database, random: () => number) => void;

/** About 60 MB: so that what every call takes is not all that is seen. */
const shape = (name: string, change: string, fill: Fill): Shape => ({
  name,
  change,
  make(file) {
    rmSync(file, { force: true });
    const db = new Database(file);
    db.pragma('journal_mode = off');
    db.pragma('synchronous = off');
    const random = generator(2026);
    db.transaction(() => fill(db, random))();
    db.close();
  },
});

const bytes = (random: () => number, length: number) =>
  Buffer.from(Uint8Array.from({ length }, () => Math.floor(random() * 256)));

const hex = (random: () => number, digits: number) =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

const uuid = (random: () => number) =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`;

function times(count: number, work: (at: number) => void): void {
  for (let at = 1; at <= count; at++) work(at);
}

export const SHAPES: readonly Shape[] = [
  shape(
    'without a rowid: 700,000 rows',
    "UPDATE readings SET note = ? WHERE sensor = 'sensor-250' AND at = 1700000100250",
    (db, random) => {
      db.exec(
        'CREATE TABLE readings(sensor TEXT, at INTEGER, value REAL, note TEXT, PRIMARY KEY(sensor, at)) WITHOUT ROWID',
      );
      const add = db.prepare('INSERT INTO readings VALUES (?, ?, ?, ?)');
      times(700_000, (at) => {
        add.run(`sensor-${at % 500}`, BigInt(1_700_000_000_000 + at), random() * 100, words(random, 6));
      });
    },
  ),
  shape('many tables: 500 of 1,700 rows', 'UPDATE t250 SET note = ? WHERE id = 850', (db, random) => {
    times(500, (table) => {
      db.exec(`CREATE TABLE t${table}(id INTEGER PRIMARY KEY, name TEXT, value REAL, note TEXT)`);
      const add = db.prepare(`INSERT INTO t${table} VALUES (?, ?, ?, ?)`);
      times(1_700, (id) => void add.run(BigInt(id), words(random, 2), random(), words(random, 6)));
    });
  }),
  shape('full-text: 135,000 documents', 'UPDATE docs SET title = ? WHERE rowid = 20000', (db, random) => {
    db.exec('CREATE VIRTUAL TABLE docs USING fts5(title, body)');
    const add = db.prepare('INSERT INTO docs VALUES (?, ?)');
    times(135_000, (at) => void add.run(`document ${at} ${words(random, 3)}`, words(random, 40)));
  }),
  shape('JSON text: 270,000 rows', "UPDATE things SET data = json_object('note', ?) WHERE id = 30000", (db, random) => {
    db.exec('CREATE TABLE things(id INTEGER PRIMARY KEY, data TEXT NOT NULL)');
    const add = db.prepare('INSERT INTO things VALUES (?, ?)');
    times(270_000, (id) => {
      const data = {
        id,
        score: random(),
        zero: 0,
        tags: words(random, 4).split(' '),
        deep: { a: [1, 2.5, null], note: words(random, 12) },
      };
      add.run(BigInt(id), JSON.stringify(data).replace('"zero":0', '"zero":0.0'));
    });
  }),
  shape('BLOBs: 6,000 of 10 KB', 'UPDATE files SET name = ? WHERE id = 2000', (db, random) => {
    db.exec('CREATE TABLE files(id INTEGER PRIMARY KEY, name TEXT, body BLOB)');
    const add = db.prepare('INSERT INTO files VALUES (?, ?, ?)');
    times(6_000, (id) => void add.run(BigInt(id), `${words(random, 2)}.png`, bytes(random, 10_000)));
  }),
  shape('UUID keys: 400,000 rows', 'UPDATE items SET title = ? WHERE rowid = 100000', (db, random) => {
    db.exec('CREATE TABLE items(id TEXT PRIMARY KEY, owner TEXT, title TEXT)');
    const add = db.prepare('INSERT INTO items VALUES (?, ?, ?)');
    times(400_000, () => void add.run(uuid(random), uuid(random), words(random, 3)));
  }),
  shape('numbers: 175,000 rows of 50', 'UPDATE samples SET c1 = c1 + length(?) WHERE id = 20000', (db, random) => {
    const columns = Array.from({ length: 50 }, (_, at) => `c${at} ${at % 2 === 0 ? 'REAL' : 'INTEGER'}`);
    db.exec(`CREATE TABLE samples(id INTEGER PRIMARY KEY, ${columns.join(', ')})`);
    const add = db.prepare(`INSERT INTO samples VALUES (?${', ?'.repeat(50)})`);
    times(175_000, (id) => {
      const row = columns.map((_, at) => (at % 2 === 0 ? random() * 1000 : BigInt(Math.floor(random() * 1e6))));
      add.run(BigInt(id), ...row);
    });
  }),
  shape('mixed', 'UPDATE posts SET title = ? WHERE id = 30000', (db, random) => {
    db.exec(`
      CREATE TABLE accounts(id TEXT PRIMARY KEY, email TEXT UNIQUE, made TEXT) WITHOUT ROWID;
      CREATE TABLE posts(id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT, title TEXT, body TEXT, meta TEXT);
      CREATE VIRTUAL TABLE search USING fts5(body, content='posts', content_rowid='id');
      CREATE TABLE pictures(post INTEGER, at INTEGER, body BLOB, PRIMARY KEY(post, at));
      CREATE INDEX posts_account ON posts(account);
    `);
    const account = db.prepare('INSERT INTO accounts VALUES (?, ?, ?)');
    const post = db.prepare('INSERT INTO posts(account, title, body, meta) VALUES (?, ?, ?, ?)');
    const picture = db.prepare('INSERT INTO pictures VALUES (?, ?, ?)');
    const ids = Array.from({ length: 20_000 }, () => uuid(random));
    for (const [at, id] of ids.entries()) account.run(id, `user${at}@example.org`, '2026-01-01T00:00:00Z');
    times(60_000, (at) => {
      const owner = ids[Math.floor(random() * ids.length)];
      post.run(
        owner,
        words(random, 4),
        words(random, 50),
        JSON.stringify({ likes: at % 97, tags: words(random, 2).split(' ') }),
      );
      if (at % 40 === 0) picture.run(BigInt(at), 1n, bytes(random, 8_000));
    });
    db.exec("INSERT INTO search(search) VALUES ('rebuild')");
  }),
];
