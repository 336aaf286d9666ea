import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { migrate } from './migrations.ts';
import type { Sql } from './sql.ts';

const CATEGORIES = ['groceries', 'rent', 'transport', 'books', 'coffee', 'power'] as const;

const USER = 'INSERT INTO users(email, name) VALUES ($1, $2)';
const GOAL = 'INSERT INTO savings_goals(user_id, title, target_cents, saved_cents) VALUES ($1, $2, $3, $4)';
const INCOME = 'INSERT INTO income_entries(user_id, source, amount_cents, received_on) VALUES ($1, $2, $3, $4)';
const EXPENSE = 'INSERT INTO expenses(user_id, category, note, amount_cents, spent_on) VALUES ($1, $2, $3, $4, $5)';

type Insertion = readonly [sql: string, ...values: (string | number | null)[]];

/** Half a year of a small household's life. Every run makes the same rows. Nobody has a password yet. */
function* household(): Generator<Insertion> {
  yield [USER, 'first@example.org', 'First'];
  yield [USER, 'second@example.org', 'Second'];
  yield [GOAL, 1, 'A week by the sea', 120_000, 45_000];
  yield [GOAL, 2, 'A new bicycle', 80_000, 12_500];
  for (let month = 1; month <= 6; month++) {
    const at = (day: number) => `2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    for (const owner of [1, 2]) yield [INCOME, owner, 'salary', 240_000 + owner * 10_000, at(25)];
    for (let day = 1; day <= 28; day++) {
      const category = CATEGORIES[(day * month) % CATEGORIES.length] ?? 'groceries';
      const note = day % 7 === 0 ? 'weekly shop' : null;
      yield [EXPENSE, (day % 2) + 1, category, note, 500 + ((day * 379 * month) % 9500), at(day)];
    }
  }
}

/** Makes the budget app's database with that in it. */
export function seedBudget(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(file);
  migrate(db);
  db.transaction(() => {
    for (const [sql, ...values] of household())
      db.prepare(sql).run(Object.fromEntries(values.map((value, at) => [at + 1, value])));
  })();
  db.close();
}

/** The same in a database of PostgreSQL's that has the tables and no rows. */
export async function seedPostgres(sql: Sql): Promise<void> {
  for (const [insertion, ...values] of household()) await sql.run(insertion, ...values);
}
