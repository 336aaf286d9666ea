import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';

const WORDS =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna'.split(
    ' ',
  );

/** Numbers that look random and are the same in every run. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

export const words = (random: () => number, count: number) =>
  Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');

/** A small shop: users, orders with two indexes, and events without a key of their own. About 100 bytes a row. */
export function makeDatabase(file: string, rows: number): void {
  rmSync(file, { force: true });
  const random = generator(12345);
  const db = new Database(file);
  db.pragma('journal_mode = off');
  db.pragma('synchronous = off');
  db.exec(`
    CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT, created_at TEXT);
    CREATE TABLE orders(id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users(id),
      amount REAL, status TEXT, note TEXT, at INTEGER);
    CREATE INDEX orders_user ON orders(user_id);
    CREATE INDEX orders_at ON orders(at);
    CREATE TABLE events(day TEXT, kind TEXT, payload TEXT, value);
  `);
  const users = Math.floor(rows / 10);
  const orders = Math.floor((rows * 6) / 10);
  const addUser = db.prepare('INSERT INTO users VALUES (?, ?, ?, ?)');
  const addOrder = db.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)');
  const addEvent = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?)');
  db.transaction(() => {
    for (let id = 1; id <= users; id++)
      addUser.run(id, `user${id}@example.org`, words(random, 2), '2026-01-01T00:00:00Z');
    for (let id = 1; id <= orders; id++) {
      const user = BigInt(1 + Math.floor(random() * users));
      const at = BigInt(1_700_000_000_000 + Math.floor(random() * 1e10));
      const status = ['paid', 'open', 'void'][Math.floor(random() * 3)];
      addOrder.run(id, user, Math.round(random() * 1e6) / 100, status, words(random, 8), at);
    }
    for (let i = users + orders; i < rows; i++) {
      addEvent.run(`2026-0${1 + Math.floor(random() * 9)}-01`, 'click', words(random, 10), random());
    }
  })();
  db.close();
}

/** Changes one row in the middle. */
export function changeOneRow(file: string, turn: number): void {
  const db = new Database(file);
  const middle = db.prepare<[], number>('SELECT max(id) / 2 FROM orders').pluck().get() ?? 0;
  db.prepare('UPDATE orders SET note = ? WHERE id = ?').run(`changed ${turn}`, middle + turn * 97);
  db.close();
}

/** Changes one row in a hundred, all over the table. */
export function changeScattered(file: string, turn: number): void {
  const db = new Database(file);
  db.prepare('UPDATE orders SET note = ? WHERE id % 100 = ?').run(`changed ${turn}`, turn % 100);
  db.close();
}

/** Adds one row for every hundred there are. */
export function append(file: string, turn: number): void {
  const db = new Database(file);
  db.prepare(
    `INSERT INTO orders(user_id, amount, status, note, at) SELECT user_id, amount, status, ?, at + 1 FROM orders
      WHERE id <= (SELECT max(id) / 100 FROM orders)`,
  ).run(`added ${turn}`);
  db.close();
}
