import Database from 'better-sqlite3';

/** An accident: what it does to the database of `healthy`, and the word by which a refusal names what is gone. */
export interface Accident {
  readonly sql: string;
  readonly names: string;
  /** How often it happens before somebody must have noticed. */
  readonly times?: number;
}

const numbers = (from: number, to: number) =>
  `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})`;

/** Tables with enough rows each that nobody deletes them all in passing, and no credentials. */
export function healthy(db: string): void {
  change(
    db,
    `CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, email TEXT);
     CREATE TABLE orders(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id), total REAL);
     CREATE TABLE events(id INTEGER PRIMARY KEY, what TEXT);
     CREATE VIRTUAL TABLE docs USING fts5(title, body);
     ${numbers(1, 60)} INSERT INTO users SELECT i, 'user ' || i, 'user' || i || '@example.org' FROM n;
     ${numbers(1, 60)} INSERT INTO orders SELECT i, i, i * 1.5 FROM n;
     ${numbers(1, 60)} INSERT INTO events(what) SELECT 'event ' || i FROM n;
     ${numbers(1, 60)} INSERT INTO docs SELECT 'title ' || i, 'body ' || i FROM n;`,
  );
}

/** While one table loses, another one grows by more than all others hold. */
const GROWS = `${numbers(1, 400)} INSERT INTO events(what) SELECT 'event ' || i FROM n;`;

export const ACCIDENTS = {
  'all rows are gone': {
    sql: 'DELETE FROM orders; DELETE FROM users; DELETE FROM events; DELETE FROM docs;',
    names: 'has no rows',
  },
  'one table is emptied while another grows': { sql: `DELETE FROM orders; ${GROWS}`, names: 'orders has no rows' },
  'a full-text table is emptied': { sql: `DELETE FROM docs; ${GROWS}`, names: 'docs has no rows' },
  'a table is dropped': { sql: `DROP TABLE orders; ${GROWS}`, names: 'the table orders is gone' },
  'a column loses all its values': {
    sql: `UPDATE users SET email = NULL; ${GROWS}`,
    names: 'users.email has no value any more',
  },
  'a table loses a tenth, again and again': {
    sql: `DELETE FROM orders WHERE id IN (SELECT id FROM orders ORDER BY id LIMIT (SELECT (count(*) + 9) / 10 FROM orders)); ${GROWS}`,
    names: 'of its rows (60 on',
    times: 30,
  },
} as const satisfies Record<string, Accident>;

export type AccidentName = keyof typeof ACCIDENTS;

export function change(db: string, sql: string): void {
  const open = new Database(db);
  open.exec(sql);
  open.close();
}
