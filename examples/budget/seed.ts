import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { migrate } from './migrations.ts';

const CATEGORIES = ['groceries', 'rent', 'transport', 'books', 'coffee', 'power'] as const;

/** Makes the budget app's database with half a year of a small household's life in it. Every run makes the same rows. Nobody has a password yet. */
export function seedBudget(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(file);
  migrate(db);
  const user = db.prepare('INSERT INTO users(email, name) VALUES (?, ?)');
  const income = db.prepare(
    'INSERT INTO income_entries(user_id, source, amount_cents, received_on) VALUES (?, ?, ?, ?)',
  );
  const expense = db.prepare(
    'INSERT INTO expenses(user_id, category, note, amount_cents, spent_on) VALUES (?, ?, ?, ?, ?)',
  );
  const goal = db.prepare('INSERT INTO savings_goals(user_id, title, target_cents, saved_cents) VALUES (?, ?, ?, ?)');
  db.transaction(() => {
    user.run('first@example.org', 'First');
    user.run('second@example.org', 'Second');
    goal.run(1, 'A week by the sea', 120_000, 45_000);
    goal.run(2, 'A new bicycle', 80_000, 12_500);
    for (let month = 1; month <= 6; month++) {
      const at = (day: number) => `2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
      for (const owner of [1, 2]) income.run(owner, 'salary', 240_000 + owner * 10_000, at(25));
      for (let day = 1; day <= 28; day++) {
        const category = CATEGORIES[(day * month) % CATEGORIES.length] ?? 'groceries';
        expense.run(
          (day % 2) + 1,
          category,
          day % 7 === 0 ? 'weekly shop' : null,
          500 + ((day * 379 * month) % 9500),
          at(day),
        );
      }
    }
  })();
  db.close();
}
