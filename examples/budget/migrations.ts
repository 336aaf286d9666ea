import type Database from 'better-sqlite3';

/** In order; `user_version` says how many a database has. A restored backup may be older than the code. */
const MIGRATIONS = [
  `
  CREATE TABLE IF NOT EXISTS users(
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1
  );
  CREATE TABLE IF NOT EXISTS income_entries(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id),
    source TEXT NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    received_on TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS expenses(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id),
    category TEXT NOT NULL,
    note TEXT,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    spent_on TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS expenses_by_day ON expenses(user_id, spent_on);
  CREATE TABLE IF NOT EXISTS savings_goals(
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    title TEXT NOT NULL,
    target_cents INTEGER NOT NULL,
    saved_cents INTEGER NOT NULL DEFAULT 0
  );
  CREATE VIEW IF NOT EXISTS balance AS
    SELECT u.id AS user_id, u.name,
      (SELECT ifnull(sum(amount_cents), 0) FROM income_entries WHERE user_id = u.id) -
      (SELECT ifnull(sum(amount_cents), 0) FROM expenses WHERE user_id = u.id) AS cents
    FROM users u;
  `,
  // It may be NULL: an account that came back from a backup without its password.
  'ALTER TABLE users ADD COLUMN password_hash TEXT;',
] as const;

export function migrate(db: Database.Database): void {
  db.transaction(() => {
    const done = Number(db.pragma('user_version', { simple: true }));
    for (const step of MIGRATIONS.slice(done)) db.exec(step);
    db.pragma(`user_version = ${Math.max(done, MIGRATIONS.length)}`);
  })();
}
