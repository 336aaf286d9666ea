import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { overwinter as run } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';

const PEOPLE = 400;
const KEY = { OVERWINTER_FAKES_KEY: 'a key that the whole team has' };

/** Every value that is private, and found nowhere else by chance. */
const secretsOf = (id: number) => [
  `Privfirst${id}x Privlast${id}x`,
  `Privlast${id}x`,
  `priv.${id}x@corp.test`,
  `+49 7${String(1_000_000 + id * 7919)}`,
  `sk-priv-${id}-QQ${id * 31}ZZ`,
  `Privstreet ${id}x`,
];
const ALL = Array.from({ length: PEOPLE }, (_, at) => secretsOf(at + 1)).flat();

const FAKES = {
  people: {
    name: 'name',
    email: 'email',
    phone: 'phone',
    token: 'token',
    street: 'address',
    born: 'date',
    income: 'number',
  },
  orders: { contact: 'email' },
  logins: 'empty',
};

let production: string;
let laptop: string;
const onLaptop = (args: string[], env: Record<string, string> = KEY) => run(laptop, args, env);
const make = (...more: string[]) => onLaptop(['restore', '--for', 'development', ...more]);
const configure = (fake: unknown = FAKES) =>
  writeFileSync(
    join(laptop, 'overwinter.config.json'),
    JSON.stringify({ db: 'app.db', keep: { people: ['token'] }, fake }),
  );

function sql<T>(folder: string, work: (db: Database.Database) => T, file = 'app.db'): T {
  const db = new Database(join(folder, file));
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const rows = (query: string, file?: string) => sql(laptop, (db) => db.prepare(query).raw().all(), file);

/** All bytes of a folder but its backups, which are what they are. */
function bytesOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const own = files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(join(folder, 'backups')));
  return own.map((file) => `${file}\n${readFileSync(file, 'latin1')}`).join('\n');
}

const found = (text: string) => ALL.filter((each) => text.includes(each));

beforeEach(() => {
  production = scratch();
  laptop = scratch();
  writeFileSync(join(production, 'package.json'), '{}');
  writeFileSync(join(laptop, 'package.json'), '{}');
  writeFileSync(
    join(production, 'overwinter.config.json'),
    JSON.stringify({ db: 'app.db', keep: { people: ['token'] } }),
  );
  sql(production, (db) => {
    db.exec(`PRAGMA journal_mode = wal;
      CREATE TABLE teams(id INTEGER PRIMARY KEY, title TEXT, lead INTEGER REFERENCES people(id));
      CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT NOT NULL, email VARCHAR(60) NOT NULL UNIQUE CHECK (email LIKE '%@%'),
        mail_host TEXT GENERATED ALWAYS AS (substr(email, instr(email, '@') + 1)) STORED, phone TEXT, token TEXT, street TEXT, born TEXT,
        income INTEGER, boss INTEGER REFERENCES people(id), team INTEGER REFERENCES teams(id), picture BLOB);
      CREATE TABLE orders(id INTEGER PRIMARY KEY, contact TEXT, buyer TEXT REFERENCES people(email), person INTEGER REFERENCES people(id), total REAL);
      CREATE TABLE logins(id INTEGER PRIMARY KEY, address TEXT);
      CREATE INDEX people_name ON people(name);
      CREATE VIEW buyers AS SELECT name, contact FROM orders JOIN people ON people.id = person;
      CREATE VIRTUAL TABLE people_words USING fts5(name, email, content='people', content_rowid='id');
      CREATE TRIGGER people_in AFTER INSERT ON people BEGIN INSERT INTO people_words(rowid, name, email) VALUES (new.id, new.name, new.email); END;
      PRAGMA foreign_keys = off;`);
    const person = db.prepare(
      'INSERT INTO people(id, name, email, phone, token, street, born, income, boss, team, picture) VALUES (?,?,?,?,?,?,?,?,?,?,?)',
    );
    const order = db.prepare('INSERT INTO orders VALUES (?,?,?,?,?)');
    db.transaction(() => {
      for (let id = 1; id <= 200; id++) db.prepare('INSERT INTO teams VALUES (?,?,?)').run(id, `team ${id}`, id * 2);
      for (let id = 1; id <= PEOPLE; id++) {
        const [name, , email, phone, token, street] = secretsOf(id);
        person.run(
          id,
          name,
          email,
          id % 9 === 0 ? null : phone,
          token,
          street,
          `19${50 + (id % 50)}-03-1${id % 9}`,
          10_000 + id,
          id === 1 ? null : Math.floor(id / 2),
          1 + (id % 200),
          Buffer.from([id % 256]),
        );
        for (let n = 0; n < 3; n++) order.run(id * 10 + n, email, n === 2 ? null : email, id, id + n / 4);
        db.prepare('INSERT INTO logins VALUES (?, ?)').run(id, email);
      }
    })();
    db.exec('ANALYZE');
  });
  expect(run(production, ['backup'], { OVERWINTER_ENVIRONMENT: 'production' }).code).toBe(0);
  cpSync(join(production, 'backups'), join(laptop, 'backups'), { recursive: true });
  configure();
});

describe('restore --for development', () => {
  test('leaves no private value in any byte, and all keys hold', () => {
    const { code, stdout, stderr } = make();
    expect(stderr).toContain('Fakes stand in people.name, people.email');
    expect(code).toBe(0);
    expect(found(bytesOf(laptop) + stdout + stderr)).toEqual([]);
    expect(found(readFileSync(join(production, 'app.db'), 'latin1')).length).toBeGreaterThan(1000);
    expect(rows('PRAGMA foreign_key_check')).toEqual([]);
    expect(rows('PRAGMA integrity_check')).toEqual([['ok']]);
    expect(rows('SELECT count(*), count(DISTINCT email), count(phone) FROM people')).toEqual([
      [PEOPLE, PEOPLE, PEOPLE - 44],
    ]);
    expect(rows('SELECT count(*) FROM orders JOIN people ON contact = email AND person = people.id')).toEqual([
      [3 * PEOPLE],
    ]);
    expect(rows('SELECT count(*) FROM orders WHERE buyer IS NULL')).toEqual([[PEOPLE]]);
    expect(rows('SELECT count(*) FROM logins')).toEqual([[0]]);
    expect(
      rows("SELECT count(*) FROM people WHERE income < 10000 OR income > 99999 OR email NOT LIKE '%@example.%'"),
    ).toEqual([[0]]);
    expect(rows("SELECT DISTINCT mail_host LIKE 'example.%' FROM people")).toEqual([[1]]);
    const [[name]] = rows('SELECT name FROM people WHERE id = 7') as [[string]];
    expect(rows(`SELECT count(*) > 0 FROM people_words WHERE people_words MATCH '"${name}"'`)).toEqual([[1]]);
    expect(rows('SELECT picture FROM people WHERE id = 7')).toEqual([[Buffer.from([7])]]);
  });

  test('makes the same twice, with the key of the team, and other fakes with another', () => {
    make('--to', 'one.db');
    make('--to', 'two.db');
    const people = (file: string) => rows('SELECT * FROM people', file);
    expect(readFileSync(join(laptop, 'one.db')).equals(readFileSync(join(laptop, 'two.db')))).toBe(true);
    onLaptop(['restore', '--for', 'development', '--to', 'own.db'], {});
    onLaptop(['restore', '--for', 'development', '--to', 'own-too.db'], {});
    expect(people('own.db')).toEqual(people('own-too.db'));
    expect(people('own.db')).not.toEqual(people('one.db'));
    expect(readFileSync(join(laptop, '.overwinter/fakes-key')).length).toBe(32);
    expect(onLaptop(['restore', '--for', 'development', '--to', 'x.db'], { OVERWINTER_FAKES_KEY: 'short' }).code).toBe(
      2,
    );
  });

  test('a file that is there is refused, with what makes the same in place', () => {
    make('--to', 'one.db');
    const { code, stderr } = make('--to', 'one.db');
    expect([code, stderr]).toEqual([4, expect.stringContaining("overwinter restore --for development'")]);
    const [name] = readdirSync(join(laptop, 'backups')).filter(
      (file) => /^\w+_.*\.json$/.test(file) && !file.startsWith('latest'),
    );
    const backup = name?.replace(/\.json$/, '') ?? '';
    expect(onLaptop(['restore', backup, '--to', 'one.db']).stderr).toContain(`overwinter restore ${backup}'`);
  });

  test('brings a share of the rows, with all that they point to', () => {
    const { code } = make('--sample', '5%', '--to', 'small.db');
    expect(code).toBe(0);
    const [[orders]] = rows('SELECT count(*) FROM orders', 'small.db') as [[number]];
    expect(orders).toBeGreaterThan(20);
    expect(orders).toBeLessThan(140);
    expect(rows('PRAGMA foreign_key_check', 'small.db')).toEqual([]);
    expect(
      rows('SELECT count(*) FROM people WHERE boss IS NOT NULL AND boss NOT IN (SELECT id FROM people)', 'small.db'),
    ).toEqual([[0]]);
    expect(rows('SELECT count(*) FROM people_words', 'small.db')).toEqual(
      rows('SELECT count(*) FROM people', 'small.db'),
    );
    expect(found(bytesOf(laptop))).toEqual([]);
    make('--sample', '5%', '--to', 'again.db');
    expect(readFileSync(join(laptop, 'again.db')).equals(readFileSync(join(laptop, 'small.db')))).toBe(true);
  });
});
